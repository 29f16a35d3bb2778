// SPDX-License-Identifier: Apache-2.0
// Prints what the first page loads, compressed, and fails above the budget of 300 KB.
// The first page is index.html with everything it names, plus the Japanese catalogue, the login page and the overview.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join, dirname } from "node:path";
import { fileURLToPath } from "node:url";

const BUDGET = 300_000;
const dist = join(dirname(fileURLToPath(import.meta.url)), "..", "dist");
const html = readFileSync(join(dist, "index.html"), "utf8");
const named = [...html.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css|svg))"/g)].map((m) => m[1]);
const lazy = readdirSync(join(dist, "assets"))
  .filter((name) => /^(ja|Login|Overview)-.*\.(js|css)$/.test(name))
  .map((name) => `assets/${name}`);
let total = 0;
for (const file of new Set(["index.html", ...named, ...lazy])) {
  const size = statSync(join(dist, `${file}.gz`)).size;
  total += size;
  console.log(`${String(size).padStart(8)}  ${file}`);
}
console.log(`${String(total).padStart(8)}  first page, gzip (budget ${BUDGET})`);
process.exitCode = total > BUDGET ? 1 : 0;

// SPDX-License-Identifier: Apache-2.0
// Writes a .gz beside every text file of dist/, for nginx's "gzip_static on".
import { readFileSync, writeFileSync, readdirSync } from "node:fs";
import { join, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync, constants } from "node:zlib";

const dist = join(dirname(fileURLToPath(import.meta.url)), "..", "dist");

function compress(dir) {
  for (const item of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, item.name);
    if (item.isDirectory()) {
      compress(path);
    } else if (/\.(html|js|css|svg|json|txt)$/.test(item.name)) {
      const body = readFileSync(path);
      writeFileSync(`${path}.gz`, gzipSync(body, { level: constants.Z_BEST_COMPRESSION }));
    }
  }
}

compress(dist);

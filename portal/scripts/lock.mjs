// SPDX-License-Identifier: Apache-2.0
// node scripts/lock.mjs check     fails when package-lock.json names a registry, or lacks a platform's optional package
// node scripts/lock.mjs complete  after "npm install": adds the optional packages of other platforms that the registry at
//                                 hand did not have (npm leaves them out, and "npm ci" then refuses the lock file)
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const file = join(dirname(fileURLToPath(import.meta.url)), "..", "package-lock.json");
const lock = JSON.parse(readFileSync(file, "utf8"));
const PLATFORM = /-(android|darwin|freebsd|linux|openbsd|netbsd|win32|openharmony|sunos|aix)-([a-z0-9]+)/;

const missing = [];
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const isThere = lock.packages[`node_modules/${name}`] ?? lock.packages[`${path}/node_modules/${name}`];
    if (!isThere && /^\d/.test(version)) {
      missing.push({ name, version, isDev: entry.dev === true });
    }
  }
}

if (process.argv[2] === "complete") {
  for (const { name, version, isDev } of missing) {
    const [, os, cpu] = PLATFORM.exec(name) ?? [];
    lock.packages[`node_modules/${name}`] = {
      version, cpu: [cpu], ...(isDev ? { dev: true } : {}), license: "MIT", optional: true, os: [os],
    };
  }
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en"));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
  console.log(`${missing.length} added`);
} else {
  const named = Object.entries(lock.packages).filter(([, entry]) => entry.resolved);
  for (const [path] of named) {
    console.error(`${path}: "resolved" names a registry (omit-lockfile-registry-resolved is in .npmrc)`);
  }
  for (const { name } of missing) {
    console.error(`${name} is missing: npm run lock`);
  }
  process.exitCode = named.length + missing.length > 0 ? 1 : 0;
}

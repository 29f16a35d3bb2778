// SPDX-License-Identifier: Apache-2.0
// akashid --dump-routes | node scripts/routes.mjs write   makes src/api/routes.ts of the daemon's routes below /service
// akashid --dump-routes | node scripts/routes.mjs check   fails when routes.ts has a route that the daemon has not, or when
//                                                         src/api/planned.ts still has one that the daemon now has
// Policy is the names of the policies of all routes: what GET /service/v1/me says one may.
// A hole is {} in both, whatever its name. The API's calls have this type, so one to a route that is nowhere does not compile.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const api = join(dirname(fileURLToPath(import.meta.url)), "..", "src", "api");
const planned = readFileSync(join(api, "planned.ts"), "utf8");

export function routesOf(dump) {
  const names = dump.routes
    .filter(({ path }) => path.startsWith("/service/v1"))
    .map(({ method, path }) => `${method} ${path.replace(/\{[^}]*\}/g, "{}")}`);
  return [...new Set(names)].sort();
}

export const policiesOf = (dump) => [...new Set(dump.routes.map(({ policy }) => policy))].sort();

const union = (names) => (names.length > 0 ? names.map((name) => `  | "${name}"`).join("\n") : "  | never");

export function sourceOf(routes, policies) {
  return `// SPDX-License-Identifier: Apache-2.0
/* Made by scripts/routes.mjs from \`akashid --dump-routes\`: do not edit. */
import type { PlannedRoute } from "./planned";

export type Route =
${union(routes)}
  | PlannedRoute;

export type Policy =
${union(policies)};
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dump = JSON.parse(readFileSync(0, "utf8"));
  const routes = routesOf(dump);
  const policies = policiesOf(dump);
  const text = sourceOf(routes, policies);
  const landed = [...planned.matchAll(/\| "([^"]+)"/g)].map((m) => m[1]).filter((route) => routes.includes(route));
  const problems = landed.map((route) => `planned.ts: the daemon has "${route}" now`);
  if (process.argv[2] === "write") {
    writeFileSync(join(api, "routes.ts"), text);
  } else {
    const known = [...readFileSync(join(api, "routes.ts"), "utf8").matchAll(/\| "([^"]+)"/g)].map((m) => m[1]);
    const gone = known.filter((name) => !routes.includes(name) && !policies.includes(name));
    problems.push(...gone.map((route) => `routes.ts: the daemon has no "${route}": npm run routes`));
  }
  console.log(`routes: ${routes.length} of the daemon, ${problems.length} problems`);
  for (const problem of problems) {
    console.error(problem);
  }
  process.exitCode = problems.length > 0 ? 1 : 0;
}

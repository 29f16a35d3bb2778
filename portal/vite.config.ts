// SPDX-License-Identifier: Apache-2.0
// Three pages: index.html (the portal), operator.html (the operator console, on the management listener) and console.html
// (the screen of one server, reached by a console URL).
import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
// @ts-expect-error: plain JavaScript, shared with the build scripts
import { parsePo, catalogueOf } from "./scripts/po.mjs";

/* import catalogue from "…/ja.po" gives the messages as an object. */
function gettext(): Plugin {
  return {
    name: "gettext",
    transform(code, id) {
      if (!id.endsWith(".po")) {
        return null;
      }
      return { code: `export default ${JSON.stringify(catalogueOf(parsePo(code)))}`, map: null };
    },
  };
}

/* PatternFly's variables come with themes that the portal does not offer (felt, glass): left out, they
 * are a third of the style sheet. */
function dropUnusedThemes(): Plugin {
  const unused = /^[^{}]*\.pf-v6-theme-(?:felt|glass|redhat)[^{}]*\{[^{}]*\}/gm;
  return {
    name: "drop-unused-themes",
    enforce: "pre",
    transform(code, id) {
      return id.includes("patternfly-variables.css") ? { code: code.replace(unused, ""), map: null } : null;
    },
  };
}

export default defineConfig({
  plugins: [gettext(), dropUnusedThemes(), react()],
  build: {
    target: "es2022",
    sourcemap: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rollupOptions: {
      input: Object.fromEntries(["index", "operator", "console"].map((name) => [name, resolve(__dirname, `${name}.html`)])),
    },
  },
  server: {
    proxy: Object.fromEntries(
      ["/identity", "/compute", "/image", "/network", "/service"].map((root) => [
        root,
        { target: process.env["AKASHI_URL"] ?? "http://127.0.0.1:8480", secure: false, ws: true },
      ]),
    ),
  },
});

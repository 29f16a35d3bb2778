// SPDX-License-Identifier: Apache-2.0
import { mergeConfig } from "vite";
import { defineConfig } from "vitest/config";
import base from "./vite.config";

export default mergeConfig(
  base,
  defineConfig({ test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}", "scripts/*.test.mjs"] } }),
);

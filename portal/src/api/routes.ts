// SPDX-License-Identifier: Apache-2.0
/* Made by scripts/routes.mjs from `akashid --dump-routes`: do not edit. */
import type { PlannedRoute } from "./planned";

export type Route =
  | never
  | PlannedRoute;

// SPDX-License-Identifier: Apache-2.0
/* Routes that the pages call before the daemon has them. A row goes when `akashid --dump-routes` lists it; the build's
 * gate (scripts/routes.mjs check) finds one that stayed. */
export type PlannedRoute = never;

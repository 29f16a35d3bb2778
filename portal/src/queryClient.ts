// SPDX-License-Identifier: Apache-2.0
import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./api/client";

const RETRIES = 2;

/* asked again: no answer, and a service that is not there right now; not a refusal */
function isWorthRetrying(count: number, error: Error): boolean {
  return count < RETRIES && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500);
}

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { retry: isWorthRetrying, refetchIntervalInBackground: false, staleTime: 1000 } },
  });
}

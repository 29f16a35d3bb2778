// SPDX-License-Identifier: Apache-2.0
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { ApiError } from "./api/client";
import { App } from "./App";
import { SessionProvider } from "./auth/session";
import { Framework, start } from "./start";
import "./styles/app.css";

const RETRIES = 2;

/* asked again: no answer, and a service that is not there right now; not a refusal */
function isWorthRetrying(count: number, error: Error): boolean {
  return count < RETRIES && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500);
}

const queries = new QueryClient({
  defaultOptions: { queries: { retry: isWorthRetrying, refetchIntervalInBackground: false, staleTime: 1000 } },
});

void start(
  <QueryClientProvider client={queries}>
    <SessionProvider>
      <Framework>
        <App />
      </Framework>
    </SessionProvider>
  </QueryClientProvider>,
);

// SPDX-License-Identifier: Apache-2.0
/* The operator console: the second page of the same sources, for the management listener. */
import { QueryClientProvider } from "@tanstack/react-query";
import { SessionProvider } from "./auth/session";
import { OperatorApp } from "./pages/operator/App";
import { newQueryClient } from "./queryClient";
import { Framework, start } from "./start";
import "./styles/app.css";

void start(
  <QueryClientProvider client={newQueryClient()}>
    <SessionProvider>
      <Framework>
        <OperatorApp />
      </Framework>
    </SessionProvider>
  </QueryClientProvider>,
);

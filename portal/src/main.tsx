// SPDX-License-Identifier: Apache-2.0
import { QueryClientProvider } from "@tanstack/react-query";
import { App } from "./App";
import { SessionProvider } from "./auth/session";
import { newQueryClient } from "./queryClient";
import { Framework, start } from "./start";
import "./styles/app.css";

void start(
  <QueryClientProvider client={newQueryClient()}>
    <SessionProvider>
      <Framework>
        <App />
      </Framework>
    </SessionProvider>
  </QueryClientProvider>,
);

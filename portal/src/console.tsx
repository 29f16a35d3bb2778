// SPDX-License-Identifier: Apache-2.0
import { useLanguage } from "./i18n";
import { ConsolePage } from "./pages/console/ConsolePage";
import { Framework, start } from "./start";
import "./styles/app.css";

function Page() {
  useLanguage();
  return (
    <Framework>
      <ConsolePage />
    </Framework>
  );
}

void start(<Page />);

// SPDX-License-Identifier: Apache-2.0
/* The page behind a console URL, as “openstack console url show --novnc” prints it: /console?token=… . It needs no
 * login: the token, single-use and short-lived, is the permission. It is taken out of the address at once. */
import { lazy, Suspense, useEffect, useState } from "react";
import { t } from "../../i18n";
import { EmptyPanel, LoadingPanel } from "../../ui/panels";
import { LanguageButton } from "../../ui/LanguageButton";
import { Wordmark } from "../../ui/Wordmark";

const VncScreen = lazy(() => import("./VncScreen"));

/** Token and name from the address; the address loses the token, so that it is in no history. */
export function takeToken(): { token: string; name: string } {
  const params = new URLSearchParams(window.location.search);
  const taken = { token: params.get("token") ?? "", name: params.get("name") ?? params.get("title") ?? "" };
  window.history.replaceState(null, "", window.location.pathname);
  return taken;
}

export function ConsolePage() {
  const [{ token, name }] = useState(takeToken);
  const title = name || t("Server");
  useEffect(() => {
    document.title = `${t("Console of {name}", { name: title })} – akashi`;
  });
  return (
    <div className="ak-console">
      <header className="ak-console__head">
        <span className="ak-brand">
          <Wordmark />
        </span>
        <h1 tabIndex={-1}>{name || t("Console")}</h1>
        <LanguageButton />
      </header>
      <main>
        {token === "" ? (
          <EmptyPanel title={t("This address has no console token.")} headingLevel="h2">
            {t("This address works only once. Open the console again from the server list.")}
          </EmptyPanel>
        ) : (
          <Suspense fallback={<LoadingPanel />}>
            <VncScreen name={title} newToken={() => Promise.resolve(token)} isSingleUse />
          </Suspense>
        )}
      </main>
    </div>
  );
}

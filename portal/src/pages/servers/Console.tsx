// SPDX-License-Identifier: Apache-2.0
/* The console tab of a server. noVNC is loaded when it is opened, not before. */
import { lazy, Suspense } from "react";
import { remoteConsole, type Server } from "../../api/compute";
import { t } from "../../i18n";
import { LinkButton } from "../../ui/links";
import { EmptyPanel, LoadingPanel } from "../../ui/panels";
import { PowerOffIcon } from "../../ui/icons";

const VncScreen = lazy(() => import("../console/VncScreen"));

/** The single-use token of a console URL. */
export function consoleToken(url: string): string {
  return new URL(url, window.location.origin).searchParams.get("token") ?? "";
}

export function ServerConsole({ server }: { server: Server }) {
  if (server.status !== "ACTIVE") {
    return (
      <EmptyPanel
        title={t("The server is not running.")}
        headingLevel="h2"
        icon={PowerOffIcon}
        action={<LinkButton href={`/servers/${server.id}/log`} variant="link">{t("Read the console log")}</LinkButton>}
      >
        {t("Start the server to see its screen.")}
      </EmptyPanel>
    );
  }
  return (
    <Suspense fallback={<LoadingPanel />}>
      <VncScreen
        name={server.name}
        newToken={async () => consoleToken(await remoteConsole(server.id))}
        openWindow={async () => {
          const target = window.open("about:blank", "_blank");
          const url = await remoteConsole(server.id);
          if (target) {
            target.opener = null;
            target.location.replace(`/console?token=${encodeURIComponent(consoleToken(url))}&name=${encodeURIComponent(server.name)}`);
          }
        }}
      />
    </Suspense>
  );
}

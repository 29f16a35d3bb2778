// SPDX-License-Identifier: Apache-2.0
/* The serial console's last lines, followed while the server runs. */
import { Switch } from "@patternfly/react-core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { consoleLog, type Server } from "../../api/compute";
import { t } from "../../i18n";
import { EmptyPanel, ErrorPanel, LoadingPanel } from "../../ui/panels";
import { Card } from "../../ui/ResourceDetail";

const LINES = 500;
const FOLLOW_MS = 3000;

/** Without colours, cursor movements and other control characters of a terminal. */
export function plainText(raw: string): string {
  return raw
    // eslint-disable-next-line no-control-regex
    .replace(/\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_()#][0-9A-Za-z]?)/g, "")
    .replace(/\r\n?/g, "\n")
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "")
    .replace(/\n{3,}/g, "\n\n");
}

export function ServerLog({ server }: { server: Server }) {
  const [follow, setFollow] = useState(true);
  const box = useRef<HTMLPreElement>(null);
  const query = useQuery({
    queryKey: ["log", server.id],
    queryFn: () => consoleLog(server.id, LINES),
    refetchInterval: follow && server.status === "ACTIVE" ? FOLLOW_MS : false,
  });
  const text = query.data === undefined ? undefined : plainText(query.data);
  useEffect(() => {
    if (follow && box.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [follow, text]);
  return (
    <Card
      title={t("Console log")}
      actions={<Switch id="follow-log" label={t("Follow")} isChecked={follow} onChange={(_event, checked) => setFollow(checked)} />}
    >
      {query.error ? (
        <ErrorPanel title={t("The log could not be read.")} error={query.error} retry={() => void query.refetch()} />
      ) : null}
      {text === undefined && !query.error ? <LoadingPanel /> : null}
      {text === "" ? <EmptyPanel title={t("The server has written nothing yet.")} headingLevel="h3" /> : null}
      {text ? (
        /* a region that scrolls must be reachable by keyboard */
        /* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */
        <pre ref={box} className="ak-log" tabIndex={0} role="log" aria-live="off" aria-label={t("Console log")}>
          {text}
        </pre>
      ) : null}
    </Card>
  );
}

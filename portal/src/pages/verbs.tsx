// SPDX-License-Identifier: Apache-2.0
/* What a service class leaves to its customers, on the pages: a verb that one has oneself is a button; one that the
 * provider carries out leads to the request form, with the reason; one that is not offered says so. */
import type { ReactNode } from "react";
import { useMay, useMe, useVerb } from "../auth/me";
import type { Verb } from "../api/service";
import { both, t } from "../i18n";
import { LinkButton } from "../ui/links";
import { Message } from "../ui/Message";
import { word } from "../ui/words";
import { useRequestKinds } from "./requests/lists";

/** The kind of request that serves instead: as src/identity/verbs.def. */
const KINDS: Record<Verb, string> = {
  "server.create": "server-add",
  "server.delete": "server-remove",
  "server.power": "server-power",
  "server.rebuild": "question",
  console: "console-user",
  metrics: "usage-disclosure",
  eventlog: "log-disclosure",
  user: "user-add",
  network: "network-change",
  firewall: "firewall-change",
  image: "question",
  keypair: "question",
  label: "label-guide",
};

export const requestPath = (verb: Verb): string => `/requests/new?kind=${KINDS[verb]}`;

/** The class's reason, above a page whose verb one does not have oneself; nothing otherwise. What only one's role does not
 *  allow is said where the page has nothing else to show. */
export function VerbNotice({ verb, withRole = false }: { verb: Verb; withRole?: boolean }) {
  const mode = useVerb(verb);
  const me = useMe().data;
  const may = useMay();
  if (mode === "self" || !me || (mode === "role" && !withRole)) {
    return null;
  }
  if (mode === "role") {
    return (
      <Message kind="info" className="ak-notice" title={me.ended ? t("The contract has ended.") : t("Your role does not include this.")}>
        {me.ended ? t("You can still look and download, but change nothing.") : t("Please ask a master user of your organisation.")}
      </Message>
    );
  }
  const service = both({ title_ja: me.class_title_ja, title_en: me.class_title_en }, "title");
  return (
    <Message
      kind="info"
      className="ak-notice"
      title={
        mode === "request"
          ? t("Done by the provider on request: {verb}", { verb: word("verb", verb) })
          : t("Not offered: {verb}", { verb: word("verb", verb) })
      }
      action={
        mode === "request" && may("request:request:create") && !me.ended ? (
          <LinkButton href={requestPath(verb)} variant="link" isInline>
            {t("Make a request")}
          </LinkButton>
        ) : undefined
      }
    >
      {mode === "request"
        ? t("Your contract ({service}) provides for a request. The provider carries it out and answers here.", { service })
        : t("Your contract ({service}) does not include it.", { service })}
    </Message>
  );
}

/** 'children' when one may do it oneself, else a link to the request form, else nothing. */
export function VerbAction({ verb, request, children }: { verb: Verb; request: string; children: ReactNode }) {
  const mode = useVerb(verb);
  const kinds = useRequestKinds(mode === "request").data;
  if (mode === "self") {
    return children;
  }
  return mode === "request" && kinds?.some((one) => one.kind === KINDS[verb] && one.available) ? (
    <LinkButton href={requestPath(verb)} variant="primary">
      {request}
    </LinkButton>
  ) : null;
}

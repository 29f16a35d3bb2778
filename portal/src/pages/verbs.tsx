// SPDX-License-Identifier: Apache-2.0
/* What a service class leaves to its customers, on the pages: a verb that one has oneself is a button; one that the
 * provider carries out leads to the request form, with the reason; one that is not offered says so. */
import type { ReactNode } from "react";
import { useMe, useVerb } from "../auth/me";
import type { Verb } from "../api/service";
import { both, t } from "../i18n";
import { LinkButton } from "../ui/links";
import { Message } from "../ui/Message";
import { word } from "../ui/words";

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

/** The class's reason, above a page whose verb one does not have oneself; nothing otherwise. */
export function VerbNotice({ verb }: { verb: Verb }) {
  const mode = useVerb(verb);
  const me = useMe().data;
  if (mode === "self" || !me) {
    return null;
  }
  const service = both({ title_ja: me.class_title_ja, title_en: me.class_title_en }, "title");
  return (
    <Message
      kind="info"
      className="ak-notice"
      title={
        mode === "request"
          ? t("In {service} this is done by the provider: {verb}", { service, verb: word("verb", verb) })
          : t("In {service} this is not offered: {verb}", { service, verb: word("verb", verb) })
      }
      action={
        mode === "request" ? (
          <LinkButton href={requestPath(verb)} variant="link" isInline>
            {t("Make a request")}
          </LinkButton>
        ) : undefined
      }
    >
      {mode === "request" ? t("Your contract provides for a request. The provider carries it out and answers here.") : t("Your contract does not include it.")}
    </Message>
  );
}

/** 'children' when one may do it oneself, else a link to the request form, else nothing. */
export function VerbAction({ verb, request, children }: { verb: Verb; request: string; children: ReactNode }) {
  const mode = useVerb(verb);
  const role = useMe().data?.role;
  if (role === "reader") {
    return null;
  }
  if (mode === "self") {
    return children;
  }
  return mode === "request" ? (
    <LinkButton href={requestPath(verb)} variant="primary">
      {request}
    </LinkButton>
  ) : null;
}

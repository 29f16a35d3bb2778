// SPDX-License-Identifier: Apache-2.0
/* A page whose object could not be read: gone, or a failure with its reason. */
import { ApiError } from "../api/client";
import { t } from "../i18n";
import { LinkButton } from "./links";
import { PageHead } from "./PageHead";
import { EmptyPanel, ErrorPanel } from "./panels";

interface NotFoundPageProps {
  error: unknown;
  retry: () => void;
  title: string;
  failure: string;
  parent: { href: string; title: string };
}

export function NotFoundPage({ error, retry, title, failure, parent }: NotFoundPageProps) {
  const isGone = error instanceof ApiError && error.status === 404;
  return (
    <>
      <PageHead title={title} parent={parent} />
      {isGone ? (
        <EmptyPanel
          title={t("It does not exist, or no longer.")}
          headingLevel="h2"
          action={<LinkButton href={parent.href} variant="primary">{t("Back to the list")}</LinkButton>}
        />
      ) : (
        <ErrorPanel title={failure} error={error} retry={retry} />
      )}
    </>
  );
}

// SPDX-License-Identifier: Apache-2.0
/* The terms, and one's consent to exactly this text (its hash). */
import { Button } from "@patternfly/react-core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { consent, showTerms } from "../../api/service";
import { useMay, useMe, useRefreshMe } from "../../auth/me";
import { both, t } from "../../i18n";
import { CheckField } from "../../ui/fields";
import { useNotify } from "../../ui/notify";
import { PageHead } from "../../ui/PageHead";
import { ErrorPanel, LoadingPanel } from "../../ui/panels";
import { Card } from "../../ui/ResourceDetail";

export function TermsPage() {
  const query = useQuery({ queryKey: ["terms"], queryFn: showTerms });
  const me = useMe().data;
  const may = useMay();
  const refreshMe = useRefreshMe();
  const queries = useQueryClient();
  const notify = useNotify();
  const [isRead, setRead] = useState(false);
  const [busy, setBusy] = useState(false);
  const terms = query.data;
  const agree = async (hash: string) => {
    setBusy(true);
    try {
      await consent(hash);
      await Promise.all([refreshMe(), queries.invalidateQueries({ queryKey: ["contract"] }), queries.invalidateQueries({ queryKey: ["overview"] })]);
      notify.success(t("Your consent is recorded. Thank you."));
    } catch (error) {
      notify.failure(t("Your consent could not be recorded."), error);
    }
    setBusy(false);
  };
  return (
    <>
      <PageHead title={t("Terms of the service")} parent={{ href: "/contract", title: t("Contract") }} />
      {query.error ? <ErrorPanel title={t("The terms could not be read.")} error={query.error} retry={() => void query.refetch()} /> : null}
      {query.isPending ? <LoadingPanel /> : null}
      {terms ? (
        <div className="ak-cards__column">
          <Card title={t("Terms, version {version}", { version: String(terms.version) })}>
            <p className="ak-text ak-terms">{both(terms, "text")}</p>
            <p className="ak-hint">
              {t("Hash of the terms")}: <code className="ak-break">{terms.hash}</code>
            </p>
          </Card>
          {me?.consent_needed ? (
            <Card title={t("Consent")}>
              {may("service:own:decide") ? (
                <div className="ak-form__fields">
                  <CheckField label={t("I have read the terms and agree to them for my organisation.")} isChecked={isRead} onChange={setRead} />
                  <div>
                    <Button variant="primary" isDisabled={!isRead || busy} isLoading={busy} spinnerAriaLabel={t("In progress")} onClick={() => void agree(terms.hash)}>
                      {t("Agree")}
                    </Button>
                  </div>
                </div>
              ) : (
                <p>{t("A master user of your organisation must agree.")}</p>
              )}
            </Card>
          ) : null}
        </div>
      ) : null}
    </>
  );
}

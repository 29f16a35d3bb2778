// SPDX-License-Identifier: Apache-2.0
/* Taking one's data along, and the end of the contract: what it does is said before it is asked for. */
import { Button } from "@patternfly/react-core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { cancelContract, exportPath, listExports, showClass, startExport, type Contract, type Export } from "../../api/service";
import { useMay, useRefreshMe } from "../../auth/me";
import { formatBytes, formatDay, formatMinute, formatNumber, formatRelative, t, tc, tn } from "../../i18n";
import { earliestEnd, earliestEndText, exportFailure, isTooLateToCancel, tokyoDay, TOKYO_MS } from "../../ui/contractEnd";
import { DeletionRecordButtons } from "../../ui/DeletionRecord";
import { FormDialog, useDialog } from "../../ui/dialogs";
import { saveFile } from "../../ui/download";
import { CheckField, TextAreaField, TextField } from "../../ui/fields";
import { DownloadIcon } from "../../ui/icons";
import { JobProgress } from "../../ui/JobProgress";
import { Message } from "../../ui/Message";
import { Meter } from "../../ui/Meter";
import { ErrorPanel } from "../../ui/panels";
import { useNotify } from "../../ui/notify";
import { Card, Facts } from "../../ui/ResourceDetail";
import { SmallTable } from "../../ui/SmallTable";
import { StateLabel } from "../../ui/StateLabel";
import { Moment } from "../../ui/times";

const DAY_MS = 86_400_000;

/** The class in the version of the contract. */
export function useContractClass(contract: Contract) {
  const { class_name: name, class_version: version } = contract;
  return useQuery({ queryKey: ["class", name, version], queryFn: () => showClass(name, version) });
}

/** Above every tab: a hold, or how long the data is still there. */
export function EndNotice({ contract }: { contract: Contract }) {
  if (contract.legal_hold) {
    return (
      <Message kind="warning" className="ak-notice" title={t("Under legal hold: nothing is deleted until the hold is released.")}>
        {contract.hold_reason}
      </Message>
    );
  }
  if (contract.state !== "terminating") {
    return null;
  }
  return (
    <Message kind="warning" className="ak-notice" title={contract.ends_on ? t("The contract ends on {day}.", { day: formatDay(contract.ends_on) }) : t("The contract is being terminated.")}>
      {contract.delete_at
        ? t("Everything is deleted {when}, at {time}. Please take your data along before.", { when: formatRelative(contract.delete_at), time: formatMinute(contract.delete_at) })
        : t("The provider's operators delete everything after the end. Please take your data along before.")}
    </Message>
  );
}

function ExportState({ row }: { row: Export }) {
  const total = row.disks_total ?? 0;
  return (
    <>
      <StateLabel kind="export" value={row.state} />
      {isMaking(row) && total > 0 ? (
        <Meter used={row.disks_done ?? 0} all={total} text={t("{done} of {total} disks", { done: formatNumber(row.disks_done ?? 0), total: formatNumber(total) })} />
      ) : null}
      {row.state === "failed" && row.error ? <span className="ak-list__sub ak-wrap">{exportFailure(row.error)}</span> : null}
    </>
  );
}

const isMaking = (row: Export) => row.state === "queued" || row.state === "running";

function ExportCard({ contract }: { contract: Contract }) {
  const queries = useQueryClient();
  const notify = useNotify();
  const [busy, setBusy] = useState(false);
  const [withDisks, setWithDisks] = useState(false);
  const query = useQuery({
    queryKey: ["exports"],
    queryFn: listExports,
    refetchInterval: ({ state }) => (state.data?.some(isMaking) ? 1500 : false),
  });
  const rows = query.data ?? [];
  const making = rows.find(isMaking);
  const start = async () => {
    setBusy(true);
    try {
      await startExport(withDisks);
      await queries.invalidateQueries({ queryKey: ["exports"] });
      notify.success(t("The export kit is being made."));
    } catch (error) {
      notify.failure(t("The export kit could not be made."), error);
    }
    setBusy(false);
  };
  const save = (row: Export) => {
    saveFile(exportPath(row.id), `export-${contract.number}.tar`).catch((error: unknown) => notify.failure(t("The file could not be downloaded."), error));
  };
  return (
    <Card title={t("Export kit")}>
      <p className="ak-lead">{t("A file with everything you have here: servers, addresses, rules, labels, requests and records, with checksums, to rebuild it elsewhere.")}</p>
      {query.error ? <ErrorPanel title={t("The export kits could not be read.")} error={query.error} /> : null}
      {making ? <JobProgress objectId={making.id} isExpected onEnd={() => void queries.invalidateQueries({ queryKey: ["exports"] })} /> : null}
      {rows.length > 0 ? (
        <SmallTable
          label={t("Export kit")}
          rows={rows}
          rowKey={(row) => row.id}
          columns={[
            { key: "at", label: t("Made at"), isRowHeader: true, render: (row) => <Moment at={row.created_at} /> },
            { key: "state", label: t("State"), modifier: "breakWord", render: (row) => <ExportState row={row} /> },
            { key: "size", label: t("Size"), modifier: "nowrap", render: (row) => (row.size ? formatBytes(row.size) : "–") },
            {
              key: "get",
              label: t("Download"),
              render: (row) =>
                row.state === "ready" ? (
                  <Button variant="link" isInline icon={<DownloadIcon />} onClick={() => save(row)}>
                    {tc("verb", "Download")}
                  </Button>
                ) : null,
            },
          ]}
        />
      ) : null}
      <div className="ak-form__fields ak-card__action">
        <CheckField label={t("With the disks of the servers")} help={t("As qcow2 files: this can take long and be large.")} isChecked={withDisks} onChange={setWithDisks} />
        <div>
          <Button variant="secondary" isLoading={busy} isDisabled={busy || making !== undefined} spinnerAriaLabel={t("In progress")} onClick={() => void start()}>
            {t("Make an export kit")}
          </Button>
        </div>
      </div>
    </Card>
  );
}

/** The record of the deletion, once there is one. */
function RecordButton({ contract }: { contract: Contract }) {
  return contract.record_id ? <Facts facts={[[t("Deletion record"), <DeletionRecordButtons key="r" id={contract.record_id} number={contract.number} supplementAt={contract.supplement_at} kept={contract.kept} />]]} /> : null;
}

function CancelDialog({ contract, graceDays, noticeDays }: { contract: Contract; graceDays: number | undefined; noticeDays: number }) {
  const queries = useQueryClient();
  const refreshMe = useRefreshMe();
  const first = earliestEnd(noticeDays);
  const [day, setDay] = useState(contract.ends_on && contract.ends_on >= first ? contract.ends_on : earliestEnd(Math.max(noticeDays, 30)));
  const [reason, setReason] = useState("");
  const [isSure, setSure] = useState(false);
  const isPast = day < first;
  const isLate = Boolean(contract.ends_on) && day > (contract.ends_on ?? "");
  return (
    <FormDialog
      isDanger
      title={t("Cancel the contract {number}?", { number: contract.number })}
      action={t("Cancel the contract")}
      failure={t("The contract could not be cancelled.")}
      isValid={day !== "" && !isPast && !isLate && reason.trim() !== "" && isSure}
      work={async () => {
        await cancelContract(day, reason.trim());
        await Promise.all([queries.invalidateQueries({ queryKey: ["contract"] }), refreshMe()]);
      }}
    >
      <p>{t("From the day of the end on nothing can be changed any more. After the grace period, servers, disks, images, networks and all users are deleted, and nothing can be brought back.")}</p>
      <TextField
        label={t("Last day")}
        type="date"
        value={day}
        onChange={setDay}
        isRequired
        help={graceDays === undefined || day === "" || isPast || isLate ? undefined : t("Deletion begins on {day} at the earliest.", { day: formatDay(tokyoDay(Date.parse(`${day}T00:00:00Z`) - TOKYO_MS, graceDays)) })}
        error={isPast ? earliestEndText(contract, noticeDays) : isLate ? t("The contract ends on {day} already.", { day: formatDay(contract.ends_on ?? "") }) : undefined}
      />
      <TextAreaField label={t("Reason")} value={reason} onChange={setReason} isRequired rows={3} maxLength={10_000} />
      <CheckField label={t("I have taken along what I need, and know that everything is deleted.")} isChecked={isSure} onChange={setSure} isRequired />
    </FormDialog>
  );
}

function CancelCard({ contract }: { contract: Contract }) {
  const openDialog = useDialog();
  const may = useMay();
  const service = useContractClass(contract).data;
  const noticeDays = service?.notice_days ?? 0;
  const isOpen = contract.state === "active";
  return (
    <Card title={t("End of the contract")}>
      <ol className="ak-steps">
        <li>{t("You choose the last day. Until then everything works as before.")}</li>
        <li>{t("After the last day nothing can be changed any more. You can still log in, look and download.")}</li>
        <li>
          {service === undefined || service.deletion === "operator"
            ? t("The provider's operators delete everything after they have spoken with you.")
            : tn("{n} day later everything is deleted automatically.", "{n} days later everything is deleted automatically.", service.grace_days)}
        </li>
        <li>{t("You get a signed record of the deletion, which can be read without an account.")}</li>
      </ol>
      <RecordButton contract={contract} />
      {isOpen && service ? <Facts facts={[[t("If you cancel today"), earliestEndText(contract, noticeDays)]]} /> : null}
      {!isOpen ? (
        <Facts
          facts={[
            [t("Cancelled at"), contract.cancelled_at ? <Moment key="c" at={contract.cancelled_at} /> : null],
            [t("Last day"), contract.ends_on ? formatDay(contract.ends_on) : null],
            [t("Deletion at"), contract.delete_at ? <Moment key="d" at={contract.delete_at} /> : null],
            [t("Days left"), contract.delete_at ? formatNumber(Math.max(0, Math.ceil((Date.parse(contract.delete_at) - Date.now()) / DAY_MS))) : null],
          ]}
        />
      ) : isTooLateToCancel(contract, noticeDays) ? null : may("service:own:decide") ? (
        <Button variant="danger" className="ak-card__action" isDisabled={service === undefined} onClick={() => openDialog(<CancelDialog contract={contract} graceDays={service?.grace_days} noticeDays={noticeDays} />)}>
          {t("Cancel the contract…")}
        </Button>
      ) : (
        <p className="ak-muted">{t("Only a master user can cancel the contract.")}</p>
      )}
    </Card>
  );
}

export function ContractEnd({ contract }: { contract: Contract }) {
  return (
    <div className="ak-cards__column">
      <ExportCard contract={contract} />
      <CancelCard contract={contract} />
    </div>
  );
}

// SPDX-License-Identifier: Apache-2.0
/* One security group: its rules, incoming first; adding by preset or by hand. */
import { Button } from "@patternfly/react-core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { createRule, deleteRule, deleteSecurityGroup, showSecurityGroup, type Rule, type SecurityGroup } from "../../api/network";
import { useVerb } from "../../auth/me";
import { t, tc, tr } from "../../i18n";
import { ConfirmDialog, FormDialog, useDialog } from "../../ui/dialogs";
import { SelectField, TextField } from "../../ui/fields";
import { PlusCircleIcon } from "../../ui/icons";
import { NotFoundPage } from "../../ui/NotFound";
import { PageHead } from "../../ui/PageHead";
import { EmptyPanel, LoadingPanel } from "../../ui/panels";
import { ResourceList, type Column } from "../../ui/ResourceList";
import { VerbAction, VerbNotice } from "../verbs";
import { directionText, etherOf, portsOf, portText, PRESETS, protocolText, purposeOf, remoteText, type RuleDraft, ruleOf } from "./rules";

const parent = () => ({ href: "/firewall", title: t("Firewall rules") });

function useRefresh() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ["security-groups"] });
}

function RuleDialog({ group }: { group: SecurityGroup }) {
  const [draft, setDraft] = useState<RuleDraft>({ direction: "ingress", protocol: "tcp", ports: "443", remote: "" });
  const [preset, setPreset] = useState("https");
  const refresh = useRefresh();
  const rule = ruleOf(group.id, draft);
  const hasPorts = draft.protocol === "tcp" || draft.protocol === "udp";
  const change = (part: Partial<RuleDraft>) => {
    setDraft({ ...draft, ...part });
    if (part.protocol !== undefined || part.ports !== undefined) {
      setPreset("");
    }
  };
  const choosePreset = (key: string) => {
    const chosen = PRESETS.find((one) => one.key === key);
    setPreset(key);
    if (chosen) {
      setDraft({ ...draft, protocol: chosen.protocol ?? "", ports: chosen.ports });
    }
  };
  return (
    <FormDialog
      title={t("Add a rule")}
      action={t("Add")}
      failure={t("The rule could not be added.")}
      isValid={rule !== null}
      work={async () => {
        if (rule !== null) {
          await createRule(rule);
          await refresh();
        }
      }}
    >
      <SelectField
        label={t("Direction")}
        value={draft.direction}
        onChange={(direction) => change({ direction: direction === "egress" ? "egress" : "ingress" })}
        options={[
          { value: "ingress", label: t("Incoming") },
          { value: "egress", label: t("Outgoing") },
        ]}
      />
      <SelectField
        label={t("Preset")}
        value={preset}
        onChange={choosePreset}
        options={[...PRESETS.map(({ key, label }) => ({ value: key, label: tr(label) })), { value: "", label: t("By hand") }]}
      />
      <SelectField
        label={t("Protocol")}
        value={draft.protocol}
        onChange={(protocol) => change({ protocol })}
        options={[
          { value: "tcp", label: "TCP" },
          { value: "udp", label: "UDP" },
          { value: "icmp", label: "ICMP" },
          { value: "", label: t("All protocols") },
        ]}
      />
      {hasPorts ? (
        <TextField
          label={t("Ports")}
          value={draft.ports}
          onChange={(ports) => change({ ports })}
          help={t("One port, or a range such as 8000-8100. Empty means all.")}
          error={portsOf(draft.ports) === null ? t("These are not ports.") : undefined}
        />
      ) : null}
      <TextField
        label={t("Other side")}
        value={draft.remote}
        onChange={(remote) => change({ remote })}
        help={draft.remote.trim() === "" && draft.direction === "ingress" ? t("Empty means everywhere: the whole internet may come in. A range such as 192.0.2.0/24 is safer.") : t("An address or a range, such as 192.0.2.0/24. Empty means everywhere.")}
        error={etherOf(draft.remote) === null ? t("Enter an address or a range, such as 192.0.2.0/24.") : undefined}
      />
    </FormDialog>
  );
}

function useRemoveRule(groupName: (rule: Rule) => string | undefined) {
  const openDialog = useDialog();
  const refresh = useRefresh();
  return (rule: Rule) =>
    openDialog(
      <ConfirmDialog
        isDanger
        title={t("Delete the rule?")}
        action={tc("verb", "Delete")}
        failure={t("The rule could not be deleted.")}
        work={async () => {
          await deleteRule(rule.id);
          await refresh();
        }}
      >
        {t("{direction}, {protocol}, ports {ports}, {remote}: such traffic no longer passes, unless another rule allows it.", {
          direction: directionText(rule),
          protocol: protocolText(rule),
          ports: portText(rule),
          remote: remoteText(rule, groupName(rule)),
        })}
      </ConfirmDialog>,
    );
}

function HeadActions({ group }: { group: SecurityGroup }) {
  const openDialog = useDialog();
  const refresh = useRefresh();
  const [, navigate] = useLocation();
  const remove = () =>
    openDialog(
      <ConfirmDialog
        isDanger
        title={t("Delete {name}?", { name: group.name })}
        action={tc("verb", "Delete")}
        failure={t("{name} could not be deleted.", { name: group.name })}
        work={async () => {
          await deleteSecurityGroup(group.id);
          navigate("/firewall");
          await refresh();
        }}
      >
        {t("The group is deleted with its rules. A group that a server uses cannot be deleted.")}
      </ConfirmDialog>,
    );
  return (
    <VerbAction verb="firewall" request={t("Request a change")}>
      <Button variant="primary" icon={<PlusCircleIcon />} onClick={() => openDialog(<RuleDialog group={group} />)}>
        {t("Add a rule")}
      </Button>
      {group.name === "default" ? null : (
        <Button variant="secondary" isDanger onClick={remove}>
          {tc("verb", "Delete")}
        </Button>
      )}
    </VerbAction>
  );
}

export function FirewallDetailPage({ id }: { id: string }) {
  const query = useQuery({ queryKey: ["security-groups", "one", id], queryFn: () => showSecurityGroup(id) });
  const group = query.data;
  const nameOf = (rule: Rule) => (rule.remote_group_id === group?.id ? group?.name : undefined);
  const removeRule = useRemoveRule(nameOf);
  const canChange = useVerb("firewall") === "self";
  if (group === undefined) {
    return query.error ? (
      <NotFoundPage error={query.error} retry={() => void query.refetch()} parent={parent()} title={t("Security group")} failure={t("The security group could not be read.")} />
    ) : (
      <>
        <PageHead title={t("Security group")} parent={parent()} />
        <LoadingPanel />
      </>
    );
  }
  const rows = [...group.security_group_rules].sort((a, b) => b.direction.localeCompare(a.direction) || (a.port_range_min ?? 0) - (b.port_range_min ?? 0));
  const columns: Column<Rule>[] = [
    { key: "direction", label: t("Direction"), isRowHeader: true, render: directionText },
    { key: "protocol", label: t("Protocol"), render: protocolText },
    { key: "ports", label: t("Ports"), render: portText },
    { key: "remote", label: t("Other side"), modifier: "breakWord", render: (rule) => remoteText(rule, nameOf(rule)) },
    { key: "ether", label: t("Kind of address"), render: (rule) => rule.ethertype },
  ];
  return (
    <>
      <PageHead title={group.name} parent={parent()} actions={<HeadActions group={group} />}>
        {purposeOf(group)}
      </PageHead>
      <VerbNotice verb="firewall" />
      <ResourceList
        label={t("Rules")}
        columns={columns}
        rows={rows.sort((a, b) => (a.direction === b.direction ? 0 : a.direction === "ingress" ? -1 : 1))}
        rowKey={(rule) => rule.id}
        error={null}
        errorTitle=""
        retry={() => void query.refetch()}
        {...(canChange
          ? {
              rowActions: (rule: Rule) => (
                <Button variant="link" size="sm" aria-label={t("Delete the rule: {rule}", { rule: `${directionText(rule)} ${protocolText(rule)} ${portText(rule)}` })} onClick={() => removeRule(rule)}>
                  {tc("verb", "Delete")}
                </Button>
              ),
            }
          : {})}
        empty={<EmptyPanel title={t("No rules: nothing passes.")} headingLevel="h2" />}
      />
    </>
  );
}

// SPDX-License-Identifier: Apache-2.0
import { Button } from "@patternfly/react-core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { createSecurityGroup, pageSecurityGroups, type SecurityGroup } from "../../api/network";
import { formatNumber, t } from "../../i18n";
import { FormDialog, useDialog } from "../../ui/dialogs";
import { TextField } from "../../ui/fields";
import { FireIcon, PlusCircleIcon } from "../../ui/icons";
import { PageHead } from "../../ui/PageHead";
import { PAGE_SIZE, usePaged } from "../../ui/paged";
import { EmptyPanel } from "../../ui/panels";
import { ResourceList, type Column } from "../../ui/ResourceList";
import { VerbAction, VerbNotice } from "../verbs";
import { purposeOf } from "./rules";

function CreateDialog() {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  return (
    <FormDialog
      title={t("Create a security group")}
      action={t("Create")}
      failure={t("The security group could not be created.")}
      isValid={name.trim() !== ""}
      work={async () => {
        const group = await createSecurityGroup(name.trim(), description.trim());
        await queries.invalidateQueries({ queryKey: ["security-groups"] });
        navigate(`/firewall/${group.id}`);
      }}
    >
      <TextField label={t("Name")} value={name} onChange={setName} isRequired maxLength={255} />
      <TextField label={t("What it is for (optional)")} value={description} onChange={setDescription} maxLength={255} />
    </FormDialog>
  );
}

const countOf = (group: SecurityGroup, direction: string) => formatNumber(group.security_group_rules.filter((rule) => rule.direction === direction).length);

export function FirewallListPage() {
  const openDialog = useDialog();
  const list = usePaged(["security-groups"], (query) => pageSecurityGroups({ limit: PAGE_SIZE, marker: query.marker }));
  const columns: Column<SecurityGroup>[] = [
    { key: "name", label: t("Security group"), isRowHeader: true, modifier: "breakWord", render: (row) => <Link href={`/firewall/${row.id}`}>{row.name}</Link> },
    { key: "description", label: t("What it is for"), modifier: "breakWord", render: (row) => purposeOf(row) || "–" },
    { key: "in", label: t("Incoming rules"), render: (row) => countOf(row, "ingress") },
    { key: "out", label: t("Outgoing rules"), render: (row) => countOf(row, "egress") },
  ];
  return (
    <>
      <PageHead
        title={t("Firewall rules")}
        actions={
          <VerbAction verb="firewall" request={t("Request a change")}>
            <Button variant="primary" icon={<PlusCircleIcon />} onClick={() => openDialog(<CreateDialog />)}>
              {t("Create a security group")}
            </Button>
          </VerbAction>
        }
      >
        {t("A security group is a set of rules. A server lets through only what one of its groups allows.")}
      </PageHead>
      <VerbNotice verb="firewall" />
      <ResourceList
        label={t("Security groups")}
        columns={columns}
        {...list}
        rowKey={(row) => row.id}
        errorTitle={t("The security groups could not be read.")}
        empty={<EmptyPanel title={t("No security groups yet")} headingLevel="h2" icon={FireIcon} />}
      />
    </>
  );
}

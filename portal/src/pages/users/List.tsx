// SPDX-License-Identifier: Apache-2.0
/* The users of the customer. Only a master user changes them, and only where the class leaves it to the customer. */
import { Button } from "@patternfly/react-core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeUser, createUser, deleteUser, listUsers, resetFactors, resetPassword, type User } from "../../api/account";
import type { CustomerRole } from "../../api/service";
import { useMe, useVerb } from "../../auth/me";
import { t, tc } from "../../i18n";
import { ActionsMenu, type MenuAction } from "../../ui/ActionsMenu";
import { ChoiceCards } from "../../ui/ChoiceCards";
import { Copyable } from "../../ui/Copyable";
import { ConfirmDialog, FormDialog, InfoDialog, useDialog } from "../../ui/dialogs";
import { TextField } from "../../ui/fields";
import { PlusCircleIcon, UsersIcon } from "../../ui/icons";
import { useNotify } from "../../ui/notify";
import { PageHead } from "../../ui/PageHead";
import { usePaged } from "../../ui/paged";
import { EmptyPanel } from "../../ui/panels";
import { ResourceList, type Column } from "../../ui/ResourceList";
import { StateLabel } from "../../ui/StateLabel";
import { Ago } from "../../ui/times";
import { word } from "../../ui/words";
import { VerbAction, VerbNotice } from "../verbs";

function roleChoices() {
  return [
    { value: "manager", title: word("role", "manager"), detail: t("Everything, and the users of the contract.") },
    { value: "member", title: word("role", "member"), detail: t("Servers, networks, images and requests.") },
    { value: "reader", title: word("role", "reader"), detail: t("Looks at everything and changes nothing.") },
  ];
}

function useRefresh() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ["users"] });
}

function AddDialog({ onAdded }: { onAdded: (user: User & { initial_password: string }) => void }) {
  const refresh = useRefresh();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<CustomerRole>("member");
  return (
    <FormDialog
      title={t("Add a user")}
      action={t("Add")}
      failure={t("The user could not be added.")}
      isValid={name.trim() !== ""}
      work={async () => {
        const user = await createUser({ name: name.trim(), role, ...(email.trim() ? { email: email.trim() } : {}) });
        await refresh();
        onAdded(user);
      }}
    >
      <TextField label={t("User name")} value={name} onChange={setName} isRequired maxLength={64} autoComplete="off" help={t("The name to log in with.")} />
      <TextField label={t("Mail address")} type="email" value={email} onChange={setEmail} maxLength={255} autoComplete="off" />
      <ChoiceCards legend={t("Role")} name="role" value={role} onChange={(value) => setRole(value as CustomerRole)} choices={roleChoices()} />
    </FormDialog>
  );
}

function useShowPassword() {
  const openDialog = useDialog();
  return (title: string, user: { initial_password: string }) =>
    openDialog(
      <InfoDialog title={title}>
        <p>{t("Hand over this one-time password by a safe way. It is shown only now, and must be changed at the first login.")}</p>
        <p className="ak-secret">
          <Copyable value={user.initial_password} />
        </p>
      </InfoDialog>,
    );
}

function useAdd() {
  const openDialog = useDialog();
  const show = useShowPassword();
  return () => openDialog(<AddDialog onAdded={(user) => show(t("{name} was added", { name: user.name }), user)} />);
}

function useUserActions(): (user: User) => MenuAction[] {
  const openDialog = useDialog();
  const notify = useNotify();
  const refresh = useRefresh();
  const show = useShowPassword();
  const toggle = async (user: User) => {
    try {
      await changeUser(user.id, { enabled: !user.enabled });
      await refresh();
    } catch (error) {
      notify.failure(t("{name} could not be changed.", { name: user.name }), error);
    }
  };
  const reset = (user: User) =>
    openDialog(
      <ConfirmDialog
        title={t("A new one-time password for {name}?", { name: user.name })}
        action={tc("verb", "Make it")}
        failure={t("{name} could not be changed.", { name: user.name })}
        work={async () => {
          const changed = await resetPassword(user.id);
          await refresh();
          show(t("One-time password of {name}", { name: user.name }), changed);
        }}
      >
        {t("The present password stops at once, and all sessions of the user end.")}
      </ConfirmDialog>,
    );
  const forget = (user: User) =>
    openDialog(
      <ConfirmDialog
        isDanger
        title={t("Remove the second factors of {name}?", { name: user.name })}
        action={tc("verb", "Remove")}
        failure={t("{name} could not be changed.", { name: user.name })}
        work={async () => {
          await resetFactors(user.id);
          await refresh();
        }}
      >
        {t("For a user who lost phone and recovery codes. The password alone is then enough until a new one is set up.")}
      </ConfirmDialog>,
    );
  const remove = (user: User) =>
    openDialog(
      <ConfirmDialog
        isDanger
        title={t("Delete {name}?", { name: user.name })}
        action={tc("verb", "Delete")}
        failure={t("{name} could not be deleted.", { name: user.name })}
        work={async () => {
          await deleteUser(user.id);
          await refresh();
        }}
      >
        {t("The user is logged out at once and cannot log in again. What the user made stays.")}
      </ConfirmDialog>,
    );
  return (user) => [
    { key: "toggle", label: user.enabled ? tc("verb", "Disable") : tc("verb", "Enable"), onSelect: () => void toggle(user) },
    { key: "password", label: t("New one-time password"), onSelect: () => reset(user) },
    ...(user.mfa.totp || user.mfa.passkeys > 0 ? [{ key: "factors", label: t("Remove the second factors"), onSelect: () => forget(user) }] : []),
    { key: "delete", label: tc("verb", "Delete"), isDanger: true, onSelect: () => remove(user) },
  ];
}

function secondFactors(user: User): string {
  const parts = [user.mfa.totp ? t("Authenticator app") : null, user.mfa.passkeys > 0 ? t("Passkey") : null].filter((part) => part !== null);
  return parts.length > 0 ? parts.join(" · ") : t("None");
}

export function UserListPage() {
  const list = usePaged(["users"], listUsers);
  const me = useMe().data;
  const mode = useVerb("user");
  const canChange = mode === "self";
  const add = useAdd();
  const actionsOf = useUserActions();
  const columns: Column<User>[] = [
    {
      key: "name",
      label: t("User name"),
      isRowHeader: true,
      modifier: "breakWord",
      render: (user) => (
        <>
          {user.name}
          <span className="ak-list__sub">{user.email}</span>
        </>
      ),
    },
    { key: "role", label: t("Role"), render: (user) => word("role", user.role) },
    { key: "state", label: t("State"), render: (user) => <StateLabel kind="user" value={user.enabled ? "enabled" : "disabled"} /> },
    { key: "mfa", label: t("Second factor"), render: secondFactors },
    { key: "login", label: t("Last login"), render: (user) => (user.last_login_at ? <Ago at={user.last_login_at} /> : t("Never")) },
  ];
  return (
    <>
      <PageHead
        title={t("Users")}
        actions={
          <VerbAction verb="user" request={t("Request a user")}>
            <Button variant="primary" icon={<PlusCircleIcon />} onClick={add}>
              {t("Add a user")}
            </Button>
          </VerbAction>
        }
      />
      <VerbNotice verb="user" />
      <ResourceList
        label={t("Users")}
        columns={columns}
        {...list}
        rowKey={(user) => user.id}
        errorTitle={t("The users could not be read.")}
        {...(canChange
          ? { rowActions: (user: User) => (user.id === me?.user_id ? null : <ActionsMenu label={t("Actions for {name}", { name: user.name })} actions={actionsOf(user)} />) }
          : {})}
        empty={<EmptyPanel title={t("No users yet")} headingLevel="h2" icon={UsersIcon} />}
      />
    </>
  );
}

// SPDX-License-Identifier: Apache-2.0
/* One's own password, authenticator app, recovery codes and passkeys. */
import { Button } from "@patternfly/react-core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import {
  addPasskey, changePassword, confirmTotp, deletePasskey, deleteTotp, endOtherSessions, endSession, listPasskeys, listSessions,
  newRecoveryCodes, passkeyCreationOptions, renamePasskey, showFactors, startTotp, type LoginSession, type Passkey, type TotpStart,
} from "../../api/account";
import { useMe, useRefreshMe } from "../../auth/me";
import { createPasskey, hasPasskeys } from "../../auth/passkeys";
import { useSession } from "../../auth/session";
import { formatNumber, formatTime, t, tc } from "../../i18n";
import { Copyable } from "../../ui/Copyable";
import { ConfirmDialog, FormDialog, InfoDialog, useDialog } from "../../ui/dialogs";
import { saveBlob } from "../../ui/download";
import { TextField } from "../../ui/fields";
import { DownloadIcon } from "../../ui/icons";
import { EMPTY_PASSWORD, isPasswordReady, PasswordFields } from "../../ui/NewPassword";
import { useNotify } from "../../ui/notify";
import { useOneAtATime } from "../../ui/oneAtATime";
import { Card, Facts } from "../../ui/ResourceDetail";
import { StatusLabel } from "../../ui/StatusLabel";
import { Ago, Moment } from "../../ui/times";
import { word } from "../../ui/words";

function PasswordDialog() {
  const [draft, setDraft] = useState(EMPTY_PASSWORD);
  const { session, login } = useSession();
  const notify = useNotify();
  return (
    <FormDialog
      title={t("Change my password")}
      action={tc("verb", "Change password")}
      failure={t("The password could not be changed.")}
      isValid={isPasswordReady(draft)}
      work={async () => {
        await changePassword(draft.old, draft.next);
        notify.success(t("Your password is changed. Other sessions have ended."));
        if (session !== null) {
          /* the change ends every token of the old password; with a second factor one logs in anew */
          await login({ user: session.user.name, password: draft.next, domain: session.user.domain }).catch(() => undefined);
        }
      }}
    >
      <PasswordFields draft={draft} onChange={setDraft} oldLabel={t("Present password")} />
    </FormDialog>
  );
}

function RecoveryCodes({ codes }: { codes: string[] }) {
  const save = () => saveBlob(new Blob([`${codes.join("\n")}\n`], { type: "text/plain" }), "akashi-recovery-codes.txt");
  return (
    <InfoDialog title={t("Your recovery codes")}>
      <p>{t("Each of these codes takes the place of the app or the passkey once, when the device is lost. They are shown only now: keep them in a safe place.")}</p>
      <ul className="ak-codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <Button variant="secondary" icon={<DownloadIcon />} onClick={save}>
        {tc("verb", "Save as a file")}
      </Button>
    </InfoDialog>
  );
}

function TotpDialog({ start, onDone }: { start: TotpStart; onDone: (codes: string[]) => void }) {
  const [code, setCode] = useState("");
  const refreshMe = useRefreshMe();
  const digits = code.replace(/\s/g, "");
  return (
    <FormDialog
      title={t("Set up an authenticator app")}
      action={tc("verb", "Confirm")}
      failure={t("The app could not be set up.")}
      isValid={/^\d{6}$/.test(digits)}
      work={async () => {
        const { totp } = await confirmTotp(digits);
        await refreshMe();
        onDone(totp?.recovery_codes ?? []);
      }}
    >
      <p>{t("Scan this code with the app, or type in the secret. Then enter the six digits that the app shows.")}</p>
      <img className="ak-qr" alt={t("QR code for the authenticator app")} src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(start.qr_svg)}`} />
      <p className="ak-break">
        {t("Secret")}: <Copyable value={start.secret} />
      </p>
      <TextField label={t("Code")} value={code} onChange={setCode} isRequired inputMode="numeric" autoComplete="one-time-code" maxLength={8} />
    </FormDialog>
  );
}

function TotpCard() {
  const queries = useQueryClient();
  const me = useMe().data;
  const openDialog = useDialog();
  const notify = useNotify();
  const refreshMe = useRefreshMe();
  const has = me?.mfa?.totp ?? false;
  const hasFactor = has || (me?.mfa?.passkeys ?? 0) > 0;
  const left = useQuery({ queryKey: ["factors"], queryFn: showFactors, enabled: hasFactor }).data?.recovery_codes;
  const renew = () =>
    openDialog(
      <ConfirmDialog
        title={t("Make new recovery codes?")}
        action={tc("verb", "Make them")}
        failure={t("The recovery codes could not be made.")}
        work={async () => {
          const codes = await newRecoveryCodes();
          await queries.invalidateQueries({ queryKey: ["factors"] });
          openDialog(<RecoveryCodes codes={codes} />);
        }}
      >
        {t("The present ones stop at once.")}
      </ConfirmDialog>,
    );
  const setUp = useOneAtATime(async () => {
    try {
      const start = await startTotp();
      const show = (codes: string[]) => (codes.length > 0 ? openDialog(<RecoveryCodes codes={codes} />) : undefined);
      openDialog(<TotpDialog start={start} onDone={show} />);
    } catch (error) {
      notify.failure(t("The app could not be set up."), error);
    }
  });
  const remove = () =>
    openDialog(
      <ConfirmDialog
        isDanger
        title={t("Remove the authenticator app?")}
        action={tc("verb", "Remove")}
        failure={t("The app could not be removed.")}
        work={async () => {
          await deleteTotp();
          await refreshMe();
        }}
      >
        {t("Your password alone is then enough to log in, unless you have a passkey.")}
      </ConfirmDialog>,
    );
  return (
    <Card title={t("Authenticator app")}>
      <p className="ak-lead">
        {has ? <StatusLabel tone="good" text={t("Set up")} /> : <StatusLabel tone="attention" text={t("Not set up")} />}
      </p>
      <p className="ak-lead">{t("A second step after the password: six digits that change every 30 seconds, on your phone.")}</p>
      {hasFactor && left !== undefined ? <p className="ak-lead">{t("Unused recovery codes: {n}", { n: formatNumber(left) })}</p> : null}
      <div className="ak-row-actions">
        {hasFactor ? (
          <Button variant="secondary" onClick={renew}>
            {t("New recovery codes")}
          </Button>
        ) : null}
        {has ? (
          <Button variant="secondary" onClick={remove}>
            {tc("verb", "Remove the app")}
          </Button>
        ) : (
          <Button variant="primary" onClick={setUp}>
            {tc("verb", "Set up the app")}
          </Button>
        )}
      </div>
    </Card>
  );
}

function PasskeyDialog({ onAdded }: { onAdded: (codes: string[]) => Promise<void> }) {
  const [name, setName] = useState("");
  return (
    <FormDialog
      title={t("Add a passkey")}
      action={t("Add")}
      failure={t("The passkey could not be added.")}
      isValid={name.trim() !== ""}
      work={async () => {
        const { public_key } = await passkeyCreationOptions();
        const credential = await createPasskey(public_key).catch((error: unknown) => {
          throw error instanceof DOMException ? new Error(t("No passkey was chosen.")) : error;
        });
        const { recovery_codes: codes } = await addPasskey(name.trim(), credential);
        await onAdded(codes ?? []);
      }}
    >
      <TextField label={t("Name of the device")} value={name} onChange={setName} isRequired maxLength={64} help={t("So that you recognise it in this list: “my phone”.")} />
    </FormDialog>
  );
}

function RenameDialog({ passkey, onRenamed }: { passkey: Passkey; onRenamed: () => Promise<void> }) {
  const [name, setName] = useState(passkey.name);
  return (
    <FormDialog
      title={t("Rename the passkey {name}", { name: passkey.name })}
      action={tc("verb", "Rename")}
      failure={t("The passkey could not be renamed.")}
      isValid={name.trim() !== "" && name.trim() !== passkey.name}
      work={async () => {
        await renamePasskey(passkey.id, name.trim());
        await onRenamed();
      }}
    >
      <TextField label={t("Name of the device")} value={name} onChange={setName} isRequired maxLength={64} />
    </FormDialog>
  );
}

function PasskeyCard() {
  const query = useQuery({ queryKey: ["passkeys"], queryFn: listPasskeys, retry: false });
  const queries = useQueryClient();
  const refreshMe = useRefreshMe();
  const openDialog = useDialog();
  const refresh = async () => {
    await Promise.all([queries.invalidateQueries({ queryKey: ["passkeys"] }), queries.invalidateQueries({ queryKey: ["factors"] }), refreshMe()]);
  };
  const added = async (codes: string[]) => {
    await refresh();
    if (codes.length > 0) {
      openDialog(<RecoveryCodes codes={codes} />);
    }
  };
  const remove = (passkey: Passkey) =>
    openDialog(
      <ConfirmDialog
        isDanger
        title={t("Remove the passkey {name}?", { name: passkey.name })}
        action={tc("verb", "Remove")}
        failure={t("The passkey could not be removed.")}
        work={async () => {
          await deletePasskey(passkey.id);
          await refresh();
        }}
      >
        {t("This device can then no longer log in by itself.")}
      </ConfirmDialog>,
    );
  const rows = query.data ?? [];
  return (
    <Card title={t("Passkeys")}>
      <p className="ak-lead">{t("Log in with your device's fingerprint, face or PIN, without a password that could be stolen.")}</p>
      {rows.length > 0 ? (
        <ul className="ak-needs">
          {rows.map((passkey) => (
            <li key={passkey.id}>
              <span>
                <strong>{passkey.name}</strong>
                <span className="ak-list__sub">
                  {t("Added:")} <Moment at={passkey.created_at} /> · {passkey.last_used_at ? <>{t("Last used:")} <Ago at={passkey.last_used_at} /></> : t("Not used yet")}
                </span>
              </span>
              <Button
                variant="link"
                isInline
                aria-label={t("Rename the passkey {name}", { name: passkey.name })}
                onClick={() => openDialog(<RenameDialog passkey={passkey} onRenamed={refresh} />)}
              >
                {tc("verb", "Rename")}
              </Button>
              <Button variant="link" isInline aria-label={t("Remove the passkey {name}", { name: passkey.name })} onClick={() => remove(passkey)}>
                {tc("verb", "Remove")}
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
      {hasPasskeys() ? (
        <Button variant="secondary" onClick={() => openDialog(<PasskeyDialog onAdded={added} />)}>
          {t("Add a passkey")}
        </Button>
      ) : (
        <p className="ak-muted">{t("This browser has no passkeys.")}</p>
      )}
    </Card>
  );
}

function AccountCard() {
  const { session } = useSession();
  const me = useMe().data;
  const openDialog = useDialog();
  return (
    <Card title={t("My account")}>
      <Facts
        facts={[
          [t("User name"), session?.user.name],
          [t("Domain"), session?.user.domain],
          [t("Role"), me ? word("role", me.role) : null],
          [t("You come from"), me?.source ? <code key="s">{me.source}</code> : null],
          [t("Session until"), session ? formatTime(session.expiresAt) : null],
        ]}
      />
      <Button className="ak-card__action" variant="secondary" onClick={() => openDialog(<PasswordDialog />)}>
        {t("Change my password")}
      </Button>
    </Card>
  );
}

function SessionCard() {
  const query = useQuery({ queryKey: ["sessions"], queryFn: listSessions });
  const queries = useQueryClient();
  const notify = useNotify();
  const rows = query.data ?? [];
  const end = async (work: () => Promise<unknown>) => {
    try {
      await work();
      await queries.invalidateQueries({ queryKey: ["sessions"] });
      notify.announce(t("The session has ended."));
    } catch (error) {
      notify.failure(t("The session could not be ended."), error);
    }
  };
  return (
    <Card title={t("Sessions")}>
      <ul className="ak-needs">
        {rows.map((row: LoginSession) => (
          <li key={row.id}>
            <span>
              <strong>{row.current ? t("This session") : (row.user_agent ?? t("Unknown program"))}</strong>
              <span className="ak-list__sub ak-wrap">
                <code>{row.source}</code> · <Moment at={row.created_at} />
              </span>
            </span>
            {row.current ? null : (
              <Button variant="link" isInline aria-label={t("End the session from {source}", { source: row.source ?? "–" })} onClick={() => void end(() => endSession(row.id))}>
                {tc("verb", "End")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {rows.some((row) => !row.current) ? (
        <Button variant="secondary" onClick={() => void end(endOtherSessions)}>
          {t("End all other sessions")}
        </Button>
      ) : null}
    </Card>
  );
}

export function OwnTab() {
  return (
    <div className="ak-cards">
      <div className="ak-cards__column">
        <AccountCard />
        <SessionCard />
      </div>
      <div className="ak-cards__column">
        <TotpCard />
        <PasskeyCard />
      </div>
    </div>
  );
}

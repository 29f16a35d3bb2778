// SPDX-License-Identifier: Apache-2.0
/* The screen of a server. Works with any source of single-use tokens: the console tab asks Nova for one at each
 * connection, the /console page has the one in its address.
 *
 * The keyboard belongs to the guest while the screen has the focus, Tab included; Ctrl+Alt+Home gives it back, as in
 * virt-viewer, so that nobody is trapped. */
import RFB from "@novnc/novnc";
import { Button } from "@patternfly/react-core";
import { useCallback, useEffect, useRef, useState, type KeyboardEvent } from "react";
import { t } from "../../i18n";
import { FormDialog, useDialog } from "../../ui/dialogs";
import { ArrowRightIcon, ExpandIcon, KeyboardIcon, PasteIcon, SyncAltIcon } from "../../ui/icons";
import { TextAreaField } from "../../ui/fields";
import { describeError, useNotify } from "../../ui/notify";
import { keysOf } from "./typing";

const SHIFT = 0xffe1;
const CONTROL = 0xffe3;
const ALT = 0xffe9;

type Connection = { state: "connecting" | "connected" | "closed"; reason: string };

interface VncScreenProps {
  name: string;
  newToken: () => Promise<string>;
  /** a token cannot be had again: no “connect again” */
  isSingleUse?: boolean;
  openWindow?: () => Promise<void>;
}

function socketUrl(token: string): string {
  const scheme = window.location.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${window.location.host}/compute/console?token=${encodeURIComponent(token)}`;
}

function typeText(rfb: RFB, text: string): void {
  for (const key of keysOf(text).keys) {
    if (key.shift) {
      rfb.sendKey(SHIFT, "ShiftLeft", true);
    }
    rfb.sendKey(key.keysym, key.code);
    if (key.shift) {
      rfb.sendKey(SHIFT, "ShiftLeft", false);
    }
  }
}

function SendTextDialog({ send }: { send: (text: string) => void }) {
  const [text, setText] = useState("");
  const { missing } = keysOf(text);
  return (
    <FormDialog
      title={t("Send text to the server")}
      action={t("Send")}
      failure={t("The text could not be sent.")}
      isValid={text !== "" && missing.length === 0}
      work={async () => {
        send(text);
        await Promise.resolve();
      }}
    >
      <TextAreaField
        label={t("Text")}
        value={text}
        onChange={setText}
        isMonospace
        help={t("It is typed as on a US keyboard.")}
        error={
          missing.length > 0
            ? t("A US keyboard cannot type: {characters}", { characters: missing.slice(0, 10).join(" ") })
            : undefined
        }
      />
    </FormDialog>
  );
}

function useScreen(newToken: () => Promise<string>) {
  const target = useRef<HTMLDivElement>(null);
  const rfb = useRef<RFB | null>(null);
  const [connection, setConnection] = useState<Connection>({ state: "connecting", reason: "" });
  const [attempt, setAttempt] = useState(0);
  const source = useRef(newToken);
  useEffect(() => {
    source.current = newToken;
  });

  useEffect(() => {
    let isCurrent = true;
    let own: RFB | null = null;
    const change = (next: Connection) => {
      if (isCurrent) {
        setConnection(next);
      }
    };
    const connect = async () => {
      change({ state: "connecting", reason: "" });
      const token = await source.current();
      if (!isCurrent || !target.current) {
        return;
      }
      own = new RFB(target.current, socketUrl(token), { wsProtocols: ["binary"] });
      own.scaleViewport = true;
      own.background = "transparent";
      own.addEventListener("connect", () => {
        change({ state: "connected", reason: "" });
        own?.focus({ preventScroll: true });
      });
      /* noVNC calls a connection that breaks while in use “clean” too: one sentence for both */
      own.addEventListener("disconnect", () => {
        own = null;
        change({ state: "closed", reason: t("The connection to the screen has ended.") });
      });
      own.addEventListener("securityfailure", ({ detail }) => change({ state: "closed", reason: detail.reason ?? "" }));
      rfb.current = own;
    };
    connect().catch((error: unknown) => change({ state: "closed", reason: describeError(error) }));
    return () => {
      isCurrent = false;
      rfb.current = null;
      own?.disconnect();
    };
  }, [attempt]);

  const reconnect = useCallback(() => setAttempt((n) => n + 1), []);
  return { target, rfb, connection, reconnect };
}

const STATE_TEXT = {
  connecting: () => t("Connecting…"),
  connected: () => t("Connected"),
  closed: () => t("Not connected"),
};

export default function VncScreen({ name, newToken, isSingleUse = false, openWindow }: VncScreenProps) {
  const { target, rfb, connection, reconnect } = useScreen(newToken);
  const openDialog = useDialog();
  const notify = useNotify();
  const frame = useRef<HTMLElement>(null);
  const isConnected = connection.state === "connected";

  const giveKeyboardBack = (event: KeyboardEvent) => {
    if (event.key === "Home" && event.ctrlKey && event.altKey) {
      event.preventDefault();
      event.stopPropagation();
      rfb.current?.sendKey(CONTROL, "ControlLeft", false);
      rfb.current?.sendKey(ALT, "AltLeft", false);
      frame.current?.querySelector("button")?.focus();
    }
  };
  const fullScreen = () => {
    frame.current?.requestFullscreen().catch((error: unknown) => notify.failure(t("Full screen is not possible."), error));
  };
  const sendText = () => {
    openDialog(<SendTextDialog send={(text) => (rfb.current ? typeText(rfb.current, text) : undefined)} />);
  };

  return (
    <section className="ak-screen" ref={frame} aria-label={t("Screen of {name}", { name })} onKeyDownCapture={giveKeyboardBack}>
      <div className="ak-screen__bar" role="toolbar" aria-label={t("Screen controls")}>
        <span className={`ak-screen__state ak-screen__state--${connection.state}`} role="status">
          {STATE_TEXT[connection.state]()}
        </span>
        <Button variant="control" icon={<KeyboardIcon />} isDisabled={!isConnected} onClick={() => rfb.current?.sendCtrlAltDel()}>
          Ctrl+Alt+Del
        </Button>
        <Button variant="control" icon={<PasteIcon />} isDisabled={!isConnected} onClick={sendText}>
          {t("Send text")}
        </Button>
        <Button variant="control" icon={<ExpandIcon />} isDisabled={!isConnected} onClick={fullScreen}>
          {t("Full screen")}
        </Button>
        {openWindow ? (
          <Button
            variant="control"
            icon={<ArrowRightIcon />}
            isDisabled={!isConnected}
            onClick={() => {
              openWindow().catch((error: unknown) => notify.failure(t("The window could not be opened."), error));
            }}
          >
            {t("Own window")}
          </Button>
        ) : null}
      </div>
      <div className="ak-screen__view">
        <div ref={target} className="ak-screen__target" />
        {connection.state === "closed" ? (
          <div className="ak-screen__closed" role="alert">
            <p>{connection.reason}</p>
            {isSingleUse ? (
              <p>{t("This address works only once. Open the console again from the server list.")}</p>
            ) : (
              <Button variant="primary" icon={<SyncAltIcon />} onClick={reconnect}>
                {t("Connect again")}
              </Button>
            )}
          </div>
        ) : null}
      </div>
      <p className="ak-screen__hint">{t("Keys go to the server while its screen has the focus. Ctrl+Alt+Home returns them to this page.")}</p>
    </section>
  );
}

// SPDX-License-Identifier: Apache-2.0
/* Times: a moment, and a clock that runs towards a deadline and past it, in words and with an icon. */
import { formatAgo, formatMinute, formatRelative, formatTime, parseTime, t } from "../i18n";
import { ExclamationTriangleIcon, OutlinedClockIcon } from "./icons";

export function Moment({ at }: { at: string }) {
  return (
    <time className="ak-nowrap" dateTime={at} title={formatTime(at)}>
      {formatMinute(at)}
    </time>
  );
}

/** “3 minutes ago”, with the time itself as its title. */
export function Ago({ at }: { at: string }) {
  return (
    <time className="ak-nowrap" dateTime={at} title={formatTime(at)}>
      {formatAgo(at)}
    </time>
  );
}

interface ClockProps {
  due: string | null;
  /** the server's word that it is too late; else the time decides */
  isOverdue?: boolean;
  /** the work is done: the clock stands still */
  isStopped?: boolean;
}

const SOON_MS = 4 * 3600_000;

export function Clock({ due, isOverdue, isStopped = false }: ClockProps) {
  if (due === null) {
    return <span className="ak-muted">{t("No deadline")}</span>;
  }
  if (isStopped) {
    return <Moment at={due} />;
  }
  const left = parseTime(due).getTime() - Date.now();
  const late = isOverdue ?? left < 0;
  const kind = late ? "late" : left < SOON_MS ? "soon" : "calm";
  return (
    <span className={`ak-clock ak-clock--${kind}`}>
      {late ? <ExclamationTriangleIcon aria-hidden="true" /> : <OutlinedClockIcon aria-hidden="true" />}
      <span>
        {late ? t("Overdue: was due {when}", { when: formatRelative(due) }) : t("Due {when}", { when: formatRelative(due) })}
        <span className="ak-list__sub">{formatMinute(due)}</span>
      </span>
    </span>
  );
}

// SPDX-License-Identifier: Apache-2.0
/* How a server uses processor, memory, disk and network, over the last hours. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Server } from "../../api/compute";
import { showMetrics, type Series } from "../../api/protect";
import { useVerb } from "../../auth/me";
import { formatMib, formatNumber, t } from "../../i18n";
import { Chart } from "../../ui/Chart";
import { ErrorPanel, LoadingPanel } from "../../ui/panels";
import { Card } from "../../ui/ResourceDetail";
import { VerbNotice } from "../verbs";

const HOUR = 3600;
const SPANS: Record<string, { seconds: number; step: number }> = {
  "6h": { seconds: 6 * HOUR, step: 300 },
  "24h": { seconds: 24 * HOUR, step: 600 },
  "7d": { seconds: 168 * HOUR, step: 3600 },
  "30d": { seconds: 720 * HOUR, step: 14_400 },
};

function spanText(key: string): string {
  switch (key) {
    case "6h":
      return t("Last 6 hours");
    case "24h":
      return t("Last 24 hours");
    case "7d":
      return t("Last 7 days");
    default:
      return t("Last 30 days");
  }
}

/** Bytes per second, with the unit that fits. */
export function rateText(value: number): string {
  const units = ["B/s", "KiB/s", "MiB/s", "GiB/s"];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  return `${formatNumber(Math.round((value / 1024 ** power) * 10) / 10)} ${units[power] ?? ""}`;
}

function Charts({ series, step, from, to }: { series: Series[]; step: number; from: number; to: number }) {
  const find = (name: string, label: string) => {
    const found = series.find((one) => one.name === name);
    return found ? [{ name: label, points: found.points }] : [];
  };
  const charts = [
    { title: t("Processor"), series: find("cpu_percent", t("Usage")), format: (value: number) => `${formatNumber(Math.round(value * 10) / 10)} %`, max: 100 },
    { title: t("Memory"), series: find("memory_mib", t("Used")), format: (value: number) => formatMib(Math.round(value)) },
    { title: t("Disk"), series: [...find("disk_read_bytes", t("Read")), ...find("disk_write_bytes", t("Written"))], format: rateText },
    { title: t("Network"), series: [...find("net_in_bytes", t("Received")), ...find("net_out_bytes", t("Sent"))], format: rateText },
  ];
  return (
    <div className="ak-cards">
      {charts.map((chart) => (
        <Card key={chart.title} title={chart.title}>
          <Chart {...chart} step={step} from={from} to={to} />
        </Card>
      ))}
    </div>
  );
}

export function ServerMetrics({ server }: { server: Server }) {
  const [span, setSpan] = useState("6h");
  const mode = useVerb("metrics");
  const { seconds, step } = SPANS[span] ?? { seconds: 6 * HOUR, step: 300 };
  const query = useQuery({
    queryKey: ["metrics", server.id, span],
    queryFn: async () => {
      const to = Math.floor(Date.now() / 1000);
      const iso = (at: number) => new Date(at * 1000).toISOString().replace(/\.\d+Z$/, "Z");
      return { from: to - seconds, to, series: await showMetrics(server.id, iso(to - seconds), iso(to), step) };
    },
    refetchInterval: 60_000,
    enabled: mode === "self",
  });
  if (mode !== "self") {
    return <VerbNotice verb="metrics" withRole />;
  }
  return (
    <>
      <p className="ak-select ak-lead">
        <label htmlFor="span">{t("Time span")}</label>
        <select id="span" value={span} onChange={(event) => setSpan(event.target.value)}>
          {Object.keys(SPANS).map((key) => (
            <option key={key} value={key}>
              {spanText(key)}
            </option>
          ))}
        </select>
      </p>
      {query.error ? <ErrorPanel title={t("The metrics could not be read.")} error={query.error} retry={() => void query.refetch()} /> : null}
      {query.isPending ? <LoadingPanel /> : null}
      {query.data?.series.every((one) => one.points.length === 0) ? <p className="ak-muted ak-lead">{t("The first values appear a minute after the server has started.")}</p> : null}
      {query.data ? <Charts series={query.data.series} step={step} from={query.data.from} to={query.data.to} /> : null}
    </>
  );
}

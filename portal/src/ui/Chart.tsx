// SPDX-License-Identifier: Apache-2.0
/* A line chart of one or two series over time, as SVG of our own, and the same numbers as a table for whoever cannot
 * see it. Gaps in the data are gaps in the line. */
import { ExpandableSection } from "@patternfly/react-core";
import { useId, useState } from "react";
import { formatNumber, language, t } from "../i18n";
import { SmallTable } from "./SmallTable";

export interface ChartSeries {
  name: string;
  /** [seconds since 1970, value] */
  points: [number, number][];
}

interface ChartProps {
  title: string;
  series: ChartSeries[];
  /** makes the text of a value: “12.3 %” */
  format: (value: number) => string;
  /** seconds between two points: more is a gap */
  step: number;
  /** the top of the scale, when it is fixed (100 %) */
  max?: number;
  from: number;
  to: number;
}

const WIDTH = 640;
const HEIGHT = 180;
const LEFT = 96;
const BOTTOM = 30;
const TOP = 10;
const TABLE_ROWS = 60;

/** The smallest of 1, 2, 5 × 10ⁿ (or × 2ⁿ) above 'value': a scale that is easy to read. */
export function niceMax(value: number): number {
  if (value <= 0) {
    return 1;
  }
  const unit = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((n) => n * unit >= value) ?? 10) * unit;
}

/** SVG path data, with a new part after each gap; a point that stands alone is a dot (a line of no length with round ends). */
export function pathOf(points: [number, number][], step: number, x: (at: number) => number, y: (value: number) => number): string {
  return points
    .map(([at, value], index) => {
      const before = points[index - 1];
      const isGap = before === undefined || at - before[0] > step * 2.5;
      return `${isGap ? "M" : "L"}${x(at).toFixed(1)} ${y(value).toFixed(1)}${isGap ? "h0" : ""}`;
    })
    .join("");
}

function timeText(at: number, withDay: boolean): string {
  const format = withDay
    ? ({ month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const)
    : ({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const);
  return new Intl.DateTimeFormat(language(), format).format(new Date(at * 1000));
}

function Numbers({ title, series, format }: Pick<ChartProps, "title" | "series" | "format">) {
  const longest = series[0]?.points ?? [];
  const every = Math.max(1, Math.ceil(longest.length / TABLE_ROWS));
  const rows = longest.filter((_point, index) => index % every === 0).reverse();
  const valueAt = (name: string, at: number) => series.find((one) => one.name === name)?.points.find(([time]) => time === at)?.[1];
  return (
    <SmallTable
      label={title}
      rows={rows}
      rowKey={([at]) => String(at)}
      columns={[
        { key: "time", label: t("Time"), isRowHeader: true, render: ([at]) => timeText(at, true) },
        ...series.map((one) => ({
          key: one.name,
          label: one.name,
          render: ([at]: [number, number]) => {
            const value = valueAt(one.name, at);
            return value === undefined ? "–" : format(value);
          },
        })),
      ]}
    />
  );
}

export function Chart({ title, series, format, step, max, from, to }: ChartProps) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const values = series.flatMap((one) => one.points.map(([, value]) => value));
  const top = max ?? niceMax(Math.max(0, ...values));
  const x = (at: number) => LEFT + ((at - from) / Math.max(1, to - from)) * (WIDTH - LEFT - 8);
  const y = (value: number) => TOP + (1 - value / top) * (HEIGHT - TOP - BOTTOM);
  const latest = series.map((one) => `${one.name} ${format(one.points.at(-1)?.[1] ?? 0)}`).join(language() === "ja" ? "、" : ", ");
  const isLong = to - from > 86_400;
  const ticks = [0, 1, 2, 3].map((n) => from + ((to - from) * n) / 3);
  if (values.length === 0) {
    return <p className="ak-muted">{t("No values in this time.")}</p>;
  }
  return (
    <figure className="ak-chart" aria-labelledby={`${id}-caption`}>
      <figcaption id={`${id}-caption`} className="ak-chart__caption">
        <span className="ak-chart__legend">
          {series.map((one, index) => (
            <span key={one.name} className={`ak-chart__key ak-chart__key--${index}`}>
              {one.name}
            </span>
          ))}
        </span>
        <span className="ak-muted">{t("Latest: {values}", { values: latest })}</span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" className="ak-chart__svg">
        {[0, 0.5, 1].map((part) => (
          <g key={part}>
            <line className="ak-chart__grid" x1={LEFT} x2={WIDTH - 8} y1={y(top * part)} y2={y(top * part)} />
            <text className="ak-chart__label" x={LEFT - 8} y={y(top * part) + 6} textAnchor="end">
              {format(top * part)}
            </text>
          </g>
        ))}
        {ticks.map((at, index) => (
          <text key={at} className="ak-chart__label" x={x(at)} y={HEIGHT - 6} textAnchor={index === 0 ? "start" : index === 3 ? "end" : "middle"}>
            {timeText(at, isLong)}
          </text>
        ))}
        {series.map((one, index) => (
          <path key={one.name} className={`ak-chart__line ak-chart__line--${index}`} d={pathOf(one.points, step, x, y)} />
        ))}
      </svg>
      <ExpandableSection toggleText={t("As a table ({n} values)", { n: formatNumber(values.length) })} isExpanded={isOpen} onToggle={(_event, open) => setOpen(open)}>
        {isOpen ? <Numbers title={title} series={series} format={format} /> : null}
      </ExpandableSection>
    </figure>
  );
}

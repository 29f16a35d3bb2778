// SPDX-License-Identifier: Apache-2.0
/* What happened, in its order. */
import type { ReactNode } from "react";
import { Moment } from "./times";

export interface TimelineItem {
  at: string;
  title: string;
  by?: string | undefined;
  text?: ReactNode;
}

export function Timeline({ items }: { items: TimelineItem[] }) {
  return (
    <ol className="ak-timeline">
      {items.map((item, index) => (
        <li key={index} className="ak-timeline__item">
          <p className="ak-timeline__head">
            <strong>{item.title}</strong>
            <span className="ak-muted">
              <Moment at={item.at} />
            </span>
            {item.by ? <span className="ak-muted">{item.by}</span> : null}
          </p>
          {item.text ? <div className="ak-text">{item.text}</div> : null}
        </li>
      ))}
    </ol>
  );
}

// SPDX-License-Identifier: Apache-2.0
/* One resource: head, tabs that are addresses of their own, and cards of named values. */
import {
  DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm, Tab, Tabs, TabTitleText,
} from "@patternfly/react-core";
import { useEffect, useId, useRef, type ReactNode } from "react";
import { useLocation } from "wouter";

export interface DetailTab {
  /** "" is the first tab, at the address of the resource itself */
  path: string;
  title: string;
  render: () => ReactNode;
}

interface ResourceDetailProps {
  head: ReactNode;
  /** below the head: a fault, a job in progress */
  notice?: ReactNode;
  base: string;
  current: string;
  tabs: DetailTab[];
  tabsLabel: string;
}

export function ResourceDetail({ head, notice, base, current, tabs, tabsLabel }: ResourceDetailProps) {
  const [, navigate] = useLocation();
  const bar = useRef<HTMLDivElement>(null);
  /* on a phone the bar scrolls: where one is must be in sight */
  useEffect(() => {
    bar.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [current]);
  return (
    <div ref={bar}>
      {head}
      {notice}
      <Tabs
        className="ak-tabs"
        aria-label={tabsLabel}
        activeKey={current}
        mountOnEnter
        unmountOnExit
        onSelect={(_event, key) => navigate(key === "" ? base : `${base}/${key}`)}
      >
        {tabs.map((tab) => (
          <Tab key={tab.path} eventKey={tab.path} title={<TabTitleText>{tab.title}</TabTitleText>}>
            <div className="ak-tabs__panel">{tab.path === current ? tab.render() : null}</div>
          </Tab>
        ))}
      </Tabs>
    </div>
  );
}

export function Card({ title, children, actions }: { title: string; children: ReactNode; actions?: ReactNode }) {
  const id = useId();
  return (
    <section className="ak-card" aria-labelledby={id}>
      <div className="ak-card__head">
        <h2 id={id}>{title}</h2>
        {actions}
      </div>
      <div className="ak-card__pad">{children}</div>
    </section>
  );
}

/** Name → value; a null value is left out. */
export function Facts({ facts }: { facts: [string, ReactNode][] }) {
  return (
    <DescriptionList isHorizontal isFluid className="ak-facts">
      {facts
        .filter(([, value]) => value !== null && value !== undefined && value !== "")
        .map(([name, value]) => (
          <DescriptionListGroup key={name}>
            <DescriptionListTerm>{name}</DescriptionListTerm>
            <DescriptionListDescription>{value}</DescriptionListDescription>
          </DescriptionListGroup>
        ))}
    </DescriptionList>
  );
}

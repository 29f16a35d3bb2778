// SPDX-License-Identifier: Apache-2.0
/* The top of a page: where one is, its only h1 (which takes the focus after navigation), status and actions. */
import { Breadcrumb, BreadcrumbItem, Content } from "@patternfly/react-core";
import { useEffect, type ReactNode } from "react";
import { Link } from "wouter";
import { t } from "../i18n";
import { useArrival } from "./arrival";

interface PageHeadProps {
  title: string;
  parent?: { href: string; title: string };
  status?: ReactNode;
  actions?: ReactNode;
  /** one line below the title */
  children?: ReactNode;
}

export function PageHead({ title, parent, status, actions, children }: PageHeadProps) {
  const heading = useArrival();
  useEffect(() => {
    document.title = `${title} – akashi`;
  }, [title]);
  return (
    <header className="ak-head">
      {parent ? (
        <Breadcrumb aria-label={t("Path")}>
          <BreadcrumbItem>
            <Link href={parent.href}>{parent.title}</Link>
          </BreadcrumbItem>
          <BreadcrumbItem isActive>{title}</BreadcrumbItem>
        </Breadcrumb>
      ) : null}
      <div className="ak-head__row">
        <div className="ak-head__main">
          <div className="ak-head__title">
            <Content component="h1" ref={heading} tabIndex={-1}>
              {title}
            </Content>
            {status}
          </div>
          {children ? <div className="ak-head__note">{children}</div> : null}
        </div>
        {actions ? <div className="ak-head__actions">{actions}</div> : null}
      </div>
    </header>
  );
}

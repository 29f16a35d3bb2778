// SPDX-License-Identifier: Apache-2.0
/* The portal's addresses. Pages are loaded when they are first opened. */
import { lazy, Suspense, type ReactNode } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { useMe } from "./auth/me";
import { useSession } from "./auth/session";
import { t, useLanguage } from "./i18n";
import { Broken } from "./ui/Broken";
import { LinkButton } from "./ui/links";
import { PageHead } from "./ui/PageHead";
import { EmptyPanel, LoadingPanel } from "./ui/panels";
import { PortalFrame } from "./pages/Frame";

const LoginPage = lazy(async () => ({ default: (await import("./pages/login/Login")).LoginPage }));
const ProjectChoicePage = lazy(async () => ({ default: (await import("./pages/login/Login")).ProjectChoicePage }));
const FirstPasswordPage = lazy(async () => ({ default: (await import("./pages/login/FirstPassword")).FirstPasswordPage }));
const OverviewPage = lazy(async () => ({ default: (await import("./pages/overview/Overview")).OverviewPage }));
const ServerListPage = lazy(async () => ({ default: (await import("./pages/servers/List")).ServerListPage }));
const ServerCreatePage = lazy(async () => ({ default: (await import("./pages/servers/Create")).ServerCreatePage }));
const ServerDetailPage = lazy(async () => ({ default: (await import("./pages/servers/Detail")).ServerDetailPage }));
const ImageListPage = lazy(async () => ({ default: (await import("./pages/images/List")).ImageListPage }));
const NetworkListPage = lazy(async () => ({ default: (await import("./pages/networks/List")).NetworkListPage }));
const KeypairListPage = lazy(async () => ({ default: (await import("./pages/keypairs/List")).KeypairListPage }));
const FirewallListPage = lazy(async () => ({ default: (await import("./pages/firewall/List")).FirewallListPage }));
const FirewallDetailPage = lazy(async () => ({ default: (await import("./pages/firewall/Detail")).FirewallDetailPage }));
const RequestListPage = lazy(async () => ({ default: (await import("./pages/requests/List")).RequestListPage }));
const RequestCreatePage = lazy(async () => ({ default: (await import("./pages/requests/Create")).RequestCreatePage }));
const RequestCorrectPage = lazy(async () => ({ default: (await import("./pages/requests/Create")).RequestCorrectPage }));
const RequestDetailPage = lazy(async () => ({ default: (await import("./pages/requests/Detail")).RequestDetailPage }));
const NoticeListPage = lazy(async () => ({ default: (await import("./pages/notices/List")).NoticeListPage }));
const NoticeDetailPage = lazy(async () => ({ default: (await import("./pages/notices/Detail")).NoticeDetailPage }));
const IncidentListPage = lazy(async () => ({ default: (await import("./pages/incidents/List")).IncidentListPage }));
const IncidentCreatePage = lazy(async () => ({ default: (await import("./pages/incidents/Create")).IncidentCreatePage }));
const IncidentDetailPage = lazy(async () => ({ default: (await import("./pages/incidents/Detail")).IncidentDetailPage }));
const DocumentListPage = lazy(async () => ({ default: (await import("./pages/documents/List")).DocumentListPage }));
const UserListPage = lazy(async () => ({ default: (await import("./pages/users/List")).UserListPage }));
const ContractPage = lazy(async () => ({ default: (await import("./pages/contract/Contract")).ContractPage }));
const TermsPage = lazy(async () => ({ default: (await import("./pages/contract/Terms")).TermsPage }));
const SecurityPage = lazy(async () => ({ default: (await import("./pages/security/Security")).SecurityPage }));

const DETAIL_TABS = ["", "console", "metrics", "events", "log", "history"];
const CONTRACT_TABS = ["", "service", "codes", "changes", "end"];
const SECURITY_TABS = ["", "access", "record", "review"];

function NotFound() {
  return (
    <>
      <PageHead title={t("Page not found")} />
      <EmptyPanel
        title={t("There is no page at this address.")}
        headingLevel="h2"
        action={<LinkButton href="/overview" variant="primary">{t("To the overview")}</LinkButton>}
      />
    </>
  );
}

function Waiting({ children }: { children: ReactNode }) {
  const [location] = useLocation();
  return (
    <Broken address={location}>
      <Suspense fallback={<LoadingPanel />}>{children}</Suspense>
    </Broken>
  );
}

function Pages() {
  return (
    <Switch>
      <Route path="/">
        <Redirect to="/overview" replace />
      </Route>
      <Route path="/login">
        <Redirect to="/overview" replace />
      </Route>
      <Route path="/overview">
        <OverviewPage />
      </Route>
      <Route path="/servers">
        <ServerListPage />
      </Route>
      <Route path="/servers/new">
        <ServerCreatePage />
      </Route>
      <Route path="/servers/:id/:tab?">
        {({ id, tab = "" }) => (DETAIL_TABS.includes(tab) ? <ServerDetailPage key={id} id={id} tab={tab} /> : <NotFound />)}
      </Route>
      <Route path="/images">
        <ImageListPage />
      </Route>
      <Route path="/networks">
        <NetworkListPage />
      </Route>
      <Route path="/keypairs">
        <KeypairListPage />
      </Route>
      <Route path="/firewall">
        <FirewallListPage />
      </Route>
      <Route path="/firewall/:id">{({ id }) => <FirewallDetailPage key={id} id={id} />}</Route>
      <Route path="/requests">
        <RequestListPage />
      </Route>
      <Route path="/requests/new">
        <RequestCreatePage />
      </Route>
      <Route path="/requests/:id/correct">{({ id }) => <RequestCorrectPage key={id} id={id} />}</Route>
      <Route path="/requests/:id">{({ id }) => <RequestDetailPage key={id} id={id} />}</Route>
      <Route path="/notices">
        <NoticeListPage />
      </Route>
      <Route path="/notices/:id">{({ id }) => <NoticeDetailPage key={id} id={id} />}</Route>
      <Route path="/incidents">
        <IncidentListPage />
      </Route>
      <Route path="/incidents/new">
        <IncidentCreatePage />
      </Route>
      <Route path="/incidents/:id">{({ id }) => <IncidentDetailPage key={id} id={id} />}</Route>
      <Route path="/documents/:id?">
        <DocumentListPage />
      </Route>
      <Route path="/users">
        <UserListPage />
      </Route>
      <Route path="/contract/terms">
        <TermsPage />
      </Route>
      <Route path="/contract/:tab?">{({ tab = "" }) => (CONTRACT_TABS.includes(tab) ? <ContractPage tab={tab} /> : <NotFound />)}</Route>
      <Route path="/security/:tab?">{({ tab = "" }) => (SECURITY_TABS.includes(tab) ? <SecurityPage tab={tab} /> : <NotFound />)}</Route>
      <Route>
        <NotFound />
      </Route>
    </Switch>
  );
}

export function App() {
  useLanguage();
  const { session } = useSession();
  const [location] = useLocation();
  const me = useMe().data;
  if (session === null) {
    /* the address stays: after the login one is where one wanted to be */
    return <Waiting>{location === "/" ? <Redirect to="/login" replace /> : <LoginPage />}</Waiting>;
  }
  if (session.firstStep === "password" || me?.must_change_password) {
    return (
      <Waiting>
        <FirstPasswordPage session={session} />
      </Waiting>
    );
  }
  if (session.project === null) {
    return (
      <Waiting>
        <ProjectChoicePage session={session} />
      </Waiting>
    );
  }
  return (
    <PortalFrame>
      <Waiting>
        <Pages key={session.project.id} />
      </Waiting>
    </PortalFrame>
  );
}

// SPDX-License-Identifier: Apache-2.0
/* The portal's addresses. Pages are loaded when they are first opened. */
import { lazy, Suspense, type ReactNode } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { useMe } from "./auth/me";
import { useSession } from "./auth/session";
import { t, useLanguage } from "./i18n";
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

const DETAIL_TABS = ["", "console", "log", "history"];

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
  return <Suspense fallback={<LoadingPanel />}>{children}</Suspense>;
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
  if (session.project === null) {
    return (
      <Waiting>
        <ProjectChoicePage session={session} />
      </Waiting>
    );
  }
  if (me?.must_change_password) {
    return (
      <Waiting>
        <FirstPasswordPage session={session} />
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

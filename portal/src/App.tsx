// SPDX-License-Identifier: Apache-2.0
/* The portal's addresses. Pages are loaded when they are first opened. */
import { lazy, Suspense, type ReactNode } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { useSession } from "./auth/session";
import { t, useLanguage } from "./i18n";
import { LinkButton } from "./ui/links";
import { PageHead } from "./ui/PageHead";
import { EmptyPanel, LoadingPanel } from "./ui/panels";
import { Shell } from "./ui/Shell";

const LoginPage = lazy(async () => ({ default: (await import("./pages/login/Login")).LoginPage }));
const ProjectChoicePage = lazy(async () => ({ default: (await import("./pages/login/Login")).ProjectChoicePage }));
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
        action={<LinkButton href="/servers" variant="primary">{t("To the servers")}</LinkButton>}
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
        <Redirect to="/servers" replace />
      </Route>
      <Route path="/login">
        <Redirect to="/servers" replace />
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
  return (
    <Shell>
      <Waiting>
        <Pages key={session.project.id} />
      </Waiting>
    </Shell>
  );
}

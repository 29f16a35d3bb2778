// SPDX-License-Identifier: Apache-2.0
/* The operator console's addresses. It exists on the management listener only; what a role may not do is refused by the
 * API and said so. */
import { Redirect, Route, Switch, useLocation } from "wouter";
import { useMe } from "../../auth/me";
import { useSession } from "../../auth/session";
import { N_, t, useLanguage } from "../../i18n";
import {
  BellIcon, BookIcon, ClipboardListIcon, CubeIcon, FileContractIcon, HomeIcon, LifeRingIcon, SearchIcon, ServerIcon, ShieldAltIcon,
  SyncAltIcon, TagsIcon, ArchiveIcon, BullhornIcon, UsersIcon,
} from "../../ui/icons";
import { Broken } from "../../ui/Broken";
import { LinkButton } from "../../ui/links";
import { PageHead } from "../../ui/PageHead";
import { EmptyPanel } from "../../ui/panels";
import { Shell, type NavigationGroup } from "../../ui/Shell";
import { FirstPasswordPage } from "../login/FirstPassword";
import { LoginPage, ProjectChoicePage } from "../login/Login";
import { OwnTab } from "../security/Own";
import { AccessRoom, ReviewPage } from "./Access";
import { useDeskBadges } from "./desk";
import { ContractPage, ContractsRoom, CustomersRoom, RecordsRoom } from "./Contracts";
import { IncidentPage, IncidentsRoom } from "./Incidents";
import { MailsRoom, NoticePage, NoticesRoom } from "./Notices";
import { OverviewRoom } from "./Overview";
import { AuditRoom, ClassesRoom, ClassPage, DocumentsRoom, HostsRoom, JobsRoom } from "./Platform";
import { RequestPage, RequestsRoom } from "./Requests";

const GROUPS: NavigationGroup[] = [
  { key: "home", items: [{ path: "/overview", label: N_("Overview"), icon: HomeIcon }] },
  {
    key: "desk",
    title: N_("Service desk"),
    items: [
      { path: "/requests", label: N_("Requests"), icon: ClipboardListIcon },
      { path: "/incidents", label: N_("Incidents"), icon: LifeRingIcon },
      { path: "/notices", label: N_("Notices and changes"), icon: BellIcon },
      { path: "/documents", label: N_("Documents"), icon: BookIcon },
      { path: "/mails", label: N_("Mails"), icon: BullhornIcon },
    ],
  },
  {
    key: "customers",
    title: N_("Customers and contracts"),
    items: [
      { path: "/customers", label: N_("Customers"), icon: UsersIcon },
      { path: "/contracts", label: N_("Contracts"), icon: FileContractIcon },
      { path: "/records", label: N_("Deletion records"), icon: ArchiveIcon },
      { path: "/classes", label: N_("Service classes"), icon: TagsIcon },
    ],
  },
  {
    key: "platform",
    title: N_("Platform"),
    items: [
      { path: "/hosts", label: N_("Hosts and capacity"), icon: ServerIcon },
      { path: "/jobs", label: N_("Jobs"), icon: SyncAltIcon },
      { path: "/access", label: N_("Access rights"), icon: ShieldAltIcon },
      { path: "/audit", label: N_("Audit log"), icon: SearchIcon },
    ],
  },
];

const ACCESS_TABS = ["", "break-glass", "areas", "reviews"];

function NotFound() {
  return (
    <>
      <PageHead title={t("Page not found")} />
      <EmptyPanel
        title={t("There is no page at this address.")}
        headingLevel="h2"
        icon={CubeIcon}
        action={<LinkButton href="/overview" variant="primary">{t("To the overview")}</LinkButton>}
      />
    </>
  );
}

/* a list, and its objects one by one */
function Pages() {
  return (
    <Switch>
      <Route path="/overview"><OverviewRoom /></Route>
      <Route path="/requests"><RequestsRoom /></Route>
      <Route path="/requests/:id">{({ id }) => <RequestPage key={id} id={id} />}</Route>
      <Route path="/incidents"><IncidentsRoom /></Route>
      <Route path="/incidents/:id">{({ id }) => <IncidentPage key={id} id={id} />}</Route>
      <Route path="/notices"><NoticesRoom /></Route>
      <Route path="/notices/:id">{({ id }) => <NoticePage key={id} id={id} />}</Route>
      <Route path="/documents"><DocumentsRoom /></Route>
      <Route path="/mails"><MailsRoom /></Route>
      <Route path="/customers"><CustomersRoom /></Route>
      <Route path="/contracts"><ContractsRoom /></Route>
      <Route path="/contracts/:id/:tab?">{({ id, tab = "" }) => (["", "codes", "changes"].includes(tab) ? <ContractPage key={id} id={id} tab={tab} /> : <NotFound />)}</Route>
      <Route path="/records"><RecordsRoom /></Route>
      <Route path="/classes"><ClassesRoom /></Route>
      <Route path="/classes/:name">{({ name }) => <ClassPage key={name} name={name} />}</Route>
      <Route path="/hosts"><HostsRoom /></Route>
      <Route path="/jobs/:state?">{({ state = "" }) => (["", "failed"].includes(state) ? <JobsRoom key={state} state={state} /> : <NotFound />)}</Route>
      <Route path="/access/reviews/:id">{({ id }) => <ReviewPage key={id} id={id} />}</Route>
      <Route path="/access/:tab?">{({ tab = "" }) => (ACCESS_TABS.includes(tab) ? <AccessRoom tab={tab} /> : <NotFound />)}</Route>
      <Route path="/audit"><AuditRoom /></Route>
      <Route path="/security">
        <PageHead title={t("Security")} />
        <OwnTab />
      </Route>
      <Route path="/"><Redirect to="/overview" replace /></Route>
      <Route path="/login"><Redirect to="/overview" replace /></Route>
      <Route><NotFound /></Route>
    </Switch>
  );
}

export function OperatorApp() {
  useLanguage();
  const { session } = useSession();
  const [location] = useLocation();
  const me = useMe().data;
  const badges = useDeskBadges(Boolean(session?.project) && me !== undefined && !me?.must_change_password);
  if (session === null) {
    return location === "/" ? <Redirect to="/login" replace /> : <LoginPage isStaff />;
  }
  if (session.project === null) {
    return <ProjectChoicePage session={session} />;
  }
  if (me?.must_change_password) {
    return <FirstPasswordPage session={session} />;
  }
  return (
    <Shell groups={GROUPS.map((group) => ({ ...group, items: group.items.map((item) => ({ ...item, badge: badges[item.path] })) }))} accountLinks={[{ path: "/security", label: N_("Security settings") }]} home={{ path: "/overview", label: t("akashi: to the overview") }} title={t("Operator console")}>
      <Broken address={location}>
        <Pages />
      </Broken>
    </Shell>
  );
}

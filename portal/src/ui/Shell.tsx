// SPDX-License-Identifier: Apache-2.0
/* The frame of every page after login: skip link, header with project, language and account, and navigation in groups.
 * The portal and the operator console give it their own navigation. */
import {
  Badge, Divider, Dropdown, DropdownGroup, DropdownItem, DropdownList, Masthead, MastheadBrand, MastheadContent,
  MastheadMain, MastheadToggle, MenuToggle, Nav, NavGroup, NavItem, NavList, Page, PageSidebar, PageSidebarBody,
  PageToggleButton, SkipToContent,
} from "@patternfly/react-core";
import { useLayoutEffect, useRef, useState, type ComponentType, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { chooseLanguage } from "../api/account";
import { useSession } from "../auth/session";
import { N_, t, tr } from "../i18n";
import { Arrival } from "./arrival";
import { CubeIcon, ExclamationTriangleIcon, UserIcon } from "./icons";
import { LanguageButton } from "./LanguageButton";
import { useNotify } from "./notify";
import { setTheme, useTheme, type Theme } from "./theme";
import { Wordmark } from "./Wordmark";

export interface NavigationItem {
  path: string;
  /** marked with N_() */
  label: string;
  icon: ComponentType;
  /** something waits there: the number and what it is */
  badge?: { count: number; text: string; /** there are more than were counted */ isMore?: boolean; /** some of it is past its time */ isLate?: boolean } | undefined;
}

export interface NavigationGroup {
  key: string;
  /** marked with N_(); none for the first, which stands alone */
  title?: string;
  items: NavigationItem[];
}

const THEMES: { theme: Theme; label: string }[] = [
  { theme: "system", label: N_("As the system") },
  { theme: "light", label: N_("Light") },
  { theme: "dark", label: N_("Dark") },
];

function ProjectMenu({ customer }: { customer?: string | undefined }) {
  const { session, chooseProject } = useSession();
  const notify = useNotify();
  const [, navigate] = useLocation();
  const [isOpen, setOpen] = useState(false);
  const projects = session?.projects ?? [];
  const name = session?.project?.name ?? "";
  if (projects.length < 2) {
    return (
      <span className="ak-project ak-project--single">
        <CubeIcon aria-hidden="true" />
        <span className="ak-visually-hidden">{t("Project")}</span>
        <span className="ak-project__name" title={name}>
          {customer ?? name}
        </span>
      </span>
    );
  }
  const choose = async (id: string) => {
    setOpen(false);
    try {
      await chooseProject(id);
      navigate("/");
    } catch (error) {
      notify.failure(t("The project could not be changed."), error);
    }
  };
  return (
    <Dropdown
      isOpen={isOpen}
      onOpenChange={setOpen}
      popperProps={{ appendTo: "inline" }}
      onSelect={(_event, id) => void choose(String(id))}
      toggle={(ref) => (
        <MenuToggle ref={ref} isExpanded={isOpen} onClick={() => setOpen(!isOpen)} icon={<CubeIcon />} aria-label={t("Project: {name}", { name })}>
          <span className="ak-project__name">{name}</span>
        </MenuToggle>
      )}
    >
      <DropdownList>
        {projects.map((project) => (
          <DropdownItem key={project.id} value={project.id} isSelected={project.id === session?.project?.id}>
            {project.name}
          </DropdownItem>
        ))}
      </DropdownList>
    </Dropdown>
  );
}

export interface AccountLink {
  path: string;
  label: string;
}

function AccountMenu({ links }: { links: AccountLink[] }) {
  const { session, logout } = useSession();
  const theme = useTheme();
  const [, navigate] = useLocation();
  const [isOpen, setOpen] = useState(false);
  const name = session?.user.name ?? "";
  const leave = () => {
    setOpen(false);
    void logout();
    navigate("/login");
  };
  return (
    <Dropdown
      isOpen={isOpen}
      onOpenChange={setOpen}
      popperProps={{ position: "end", appendTo: "inline" }}
      toggle={(ref) => (
        <MenuToggle ref={ref} isExpanded={isOpen} onClick={() => setOpen(!isOpen)} icon={<UserIcon />} aria-label={t("Account: {name}", { name })}>
          <span className="ak-account__name">{name}</span>
        </MenuToggle>
      )}
    >
      <DropdownGroup label={[name, session?.user.domain, session?.project?.name].join(" · ")} labelHeadingLevel="h2">
        <DropdownList>
          {links.map((link) => (
            <DropdownItem
              key={link.path}
              onClick={() => {
                setOpen(false);
                navigate(link.path);
              }}
            >
              {tr(link.label)}
            </DropdownItem>
          ))}
          <DropdownItem key="logout" onClick={leave}>
            {t("Log out")}
          </DropdownItem>
        </DropdownList>
      </DropdownGroup>
      <Divider />
      <DropdownGroup label={t("Appearance")} labelHeadingLevel="h2">
        <DropdownList>
          {THEMES.map((item) => (
            <DropdownItem key={item.theme} isSelected={item.theme === theme} onClick={() => setTheme(item.theme)}>
              {tr(item.label)}
            </DropdownItem>
          ))}
        </DropdownList>
      </DropdownGroup>
    </Dropdown>
  );
}

function NavigationLinks({ items, onNavigate }: { items: NavigationItem[]; onNavigate: () => void }) {
  const [location] = useLocation();
  return items.map(({ path, label, icon: Icon, badge }) => {
    const isActive = location === path || location.startsWith(`${path}/`);
    return (
      <NavItem key={path} isActive={isActive}>
        <Link href={path} onClick={onNavigate} {...(isActive ? { "aria-current": "page" as const } : {})}>
          <Icon aria-hidden="true" />
          <span>{tr(label)}</span>
          {badge !== undefined && badge.count > 0 ? (
            <Badge className={badge.isLate ? "ak-nav__badge ak-nav__badge--late" : "ak-nav__badge"} screenReaderText={badge.text}>
              {badge.isLate ? <ExclamationTriangleIcon aria-hidden="true" /> : null} {badge.count}
              {badge.isMore ? "+" : null}
            </Badge>
          ) : null}
        </Link>
      </NavItem>
    );
  });
}

function Navigation({ groups, onNavigate }: { groups: NavigationGroup[]; onNavigate: () => void }) {
  return (
    <Nav aria-label={t("Main")}>
      {groups.map(({ key, title, items }) =>
        title === undefined ? (
          <NavList key={key}>
            <NavigationLinks items={items} onNavigate={onNavigate} />
          </NavList>
        ) : (
          <NavGroup key={key} title={tr(title)}>
            <NavigationLinks items={items} onNavigate={onNavigate} />
          </NavGroup>
        ),
      )}
    </Nav>
  );
}

const isNarrow = () => window.innerWidth < 1200;

interface ShellProps {
  groups: NavigationGroup[];
  accountLinks?: AccountLink[];
  /** where the wordmark leads, and what it says */
  home: { path: string; label: string };
  /** beside the wordmark, to tell two consoles apart */
  title?: string;
  /** whose servers these are, where the project has only a number for a name */
  customer?: string | undefined;
  children: ReactNode;
}

export function Shell({ groups, accountLinks = [], home, title, customer, children }: ShellProps) {
  const [isOpen, setOpen] = useState(() => !isNarrow());
  const main = useRef<HTMLDivElement>(null);
  const [location] = useLocation();
  /* a new page starts at its top, and a screen reader at its heading */
  const previous = useRef(location);
  const left = useRef<Element | null>(null);
  useLayoutEffect(() => {
    if (previous.current !== location) {
      const samePage = previous.current.split("/").slice(0, 3).join("/") === location.split("/").slice(0, 3).join("/");
      previous.current = location;
      if (!samePage) {
        main.current?.closest("main")?.scrollTo(0, 0);
        left.current = document.activeElement ?? document.body;
      }
    }
  }, [location]);

  const header = (
    <Masthead display={{ default: "inline" }}>
      <MastheadMain>
        <MastheadToggle>
          <PageToggleButton isHamburgerButton isSidebarOpen={isOpen} aria-label={t("Main menu")} onSidebarToggle={() => setOpen(!isOpen)} />
        </MastheadToggle>
        <MastheadBrand>
          <Link href={home.path} className="ak-brand" aria-label={home.label}>
            <Wordmark />
          </Link>
          {title ? <span className="ak-brand__title">{title}</span> : null}
        </MastheadBrand>
      </MastheadMain>
      <MastheadContent>
        <div className="ak-tools">
          <ProjectMenu customer={customer} />
          {/* a choice that does not arrive is made again some day: mails only */}
          <LanguageButton onChoice={(code) => void chooseLanguage(code).catch(() => undefined)} />
          <AccountMenu links={accountLinks} />
        </div>
      </MastheadContent>
    </Masthead>
  );
  const sidebar = (
    <PageSidebar isSidebarOpen={isOpen}>
      <PageSidebarBody>
        <Navigation groups={groups} onNavigate={() => (isNarrow() ? setOpen(false) : undefined)} />
      </PageSidebarBody>
    </PageSidebar>
  );
  return (
    <Page
      className="ak-shell"
      masthead={header}
      sidebar={sidebar}
      mainContainerId="main"
      skipToContent={<SkipToContent href="#main">{t("Skip to content")}</SkipToContent>}
    >
      <div ref={main} className="ak-page">
        <Arrival value={left}>{children}</Arrival>
      </div>
    </Page>
  );
}

// SPDX-License-Identifier: Apache-2.0
/* The frame of every page after login: skip link, header with project, language and account, and navigation. */
import {
  Divider, Dropdown, DropdownGroup, DropdownItem, DropdownList, Masthead, MastheadBrand, MastheadContent,
  MastheadMain, MastheadToggle, MenuToggle, Nav, NavItem, NavList, Page, PageSidebar, PageSidebarBody,
  PageToggleButton, SkipToContent,
} from "@patternfly/react-core";
import { useEffect, useRef, useState, type ComponentType, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { useSession } from "../auth/session";
import { N_, t, tr } from "../i18n";
import { CubeIcon, ImageIcon, KeyIcon, NetworkWiredIcon, ServerIcon, UserIcon } from "./icons";
import { LanguageButton } from "./LanguageButton";
import { useNotify } from "./notify";
import { setTheme, useTheme, type Theme } from "./theme";
import { Wordmark } from "./Wordmark";

const NAVIGATION: { path: string; label: string; icon: ComponentType }[] = [
  { path: "/servers", label: N_("Servers"), icon: ServerIcon },
  { path: "/images", label: N_("Images"), icon: ImageIcon },
  { path: "/networks", label: N_("Networks"), icon: NetworkWiredIcon },
  { path: "/keypairs", label: N_("Key pairs"), icon: KeyIcon },
];

const THEMES: { theme: Theme; label: string }[] = [
  { theme: "system", label: N_("As the system") },
  { theme: "light", label: N_("Light") },
  { theme: "dark", label: N_("Dark") },
];

function ProjectMenu() {
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
        <span className="ak-project__name">{name}</span>
      </span>
    );
  }
  const choose = async (id: string) => {
    setOpen(false);
    try {
      await chooseProject(id);
      navigate("/servers");
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

function AccountMenu() {
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

function Navigation({ onNavigate }: { onNavigate: () => void }) {
  const [location] = useLocation();
  return (
    <Nav aria-label={t("Main")}>
      <NavList>
        {NAVIGATION.map(({ path, label, icon: Icon }) => {
          const isActive = location === path || location.startsWith(`${path}/`);
          return (
            <NavItem key={path} isActive={isActive}>
              <Link href={path} onClick={onNavigate} {...(isActive ? { "aria-current": "page" as const } : {})}>
                <Icon aria-hidden="true" />
                {tr(label)}
              </Link>
            </NavItem>
          );
        })}
      </NavList>
    </Nav>
  );
}

const isNarrow = () => window.innerWidth < 1200;

export function Shell({ children }: { children: ReactNode }) {
  const [isOpen, setOpen] = useState(() => !isNarrow());
  const main = useRef<HTMLDivElement>(null);
  const [location] = useLocation();
  /* a new page starts at its top, and a screen reader at its heading */
  const previous = useRef(location);
  useEffect(() => {
    if (previous.current !== location) {
      const samePage = previous.current.split("/").slice(0, 3).join("/") === location.split("/").slice(0, 3).join("/");
      previous.current = location;
      if (!samePage) {
        main.current?.closest("main")?.scrollTo(0, 0);
        main.current?.querySelector("h1")?.focus();
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
          <Link href="/servers" className="ak-brand" aria-label={t("akashi: to the servers")}>
            <Wordmark />
          </Link>
        </MastheadBrand>
      </MastheadMain>
      <MastheadContent>
        <div className="ak-tools">
          <ProjectMenu />
          <LanguageButton />
          <AccountMenu />
        </div>
      </MastheadContent>
    </Masthead>
  );
  const sidebar = (
    <PageSidebar isSidebarOpen={isOpen}>
      <PageSidebarBody>
        <Navigation onNavigate={() => (isNarrow() ? setOpen(false) : undefined)} />
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
        {children}
      </div>
    </Page>
  );
}

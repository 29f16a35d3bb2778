// SPDX-License-Identifier: Apache-2.0
/* The customer portal's frame: its rooms in groups, with what waits in them. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useHasContract, useMe } from "../auth/me";
import { customerOf, showOverview } from "../api/service";
import { N_, t, tn } from "../i18n";
import {
  BellIcon, BookIcon, ClipboardListIcon, FileContractIcon, FireIcon, HomeIcon, ImageIcon, KeyIcon, LifeRingIcon,
  NetworkWiredIcon, ServerIcon, ShieldAltIcon, UsersIcon,
} from "../ui/icons";
import { Shell, type NavigationGroup } from "../ui/Shell";

const OVERVIEW_MS = 30_000;

export function useOverview() {
  const isEnabled = useHasContract();
  return useQuery({
    queryKey: ["overview"],
    queryFn: showOverview,
    enabled: isEnabled,
    refetchInterval: OVERVIEW_MS,
  });
}

function useGroups(): NavigationGroup[] {
  const hasContract = useHasContract();
  const counts = useOverview().data;
  const resources: NavigationGroup = {
    key: "resources",
    title: N_("Resources"),
    items: [
      { path: "/servers", label: N_("Servers"), icon: ServerIcon },
      { path: "/images", label: N_("Images"), icon: ImageIcon },
      { path: "/networks", label: N_("Networks"), icon: NetworkWiredIcon },
      { path: "/firewall", label: N_("Firewall rules"), icon: FireIcon },
      { path: "/keypairs", label: N_("Key pairs"), icon: KeyIcon },
    ],
  };
  const home: NavigationGroup = { key: "home", items: [{ path: "/overview", label: N_("Overview"), icon: HomeIcon }] };
  const security = { path: "/security", label: N_("Security"), icon: ShieldAltIcon };
  if (!hasContract) {
    return [home, resources, { key: "account", title: N_("Account"), items: [security] }];
  }
  const open = counts?.open_requests ?? 0;
  const unread = counts?.unread_notices ?? 0;
  const incidents = counts?.open_incidents ?? 0;
  return [
    home,
    resources,
    {
      key: "desk",
      title: N_("Service desk"),
      items: [
        { path: "/requests", label: N_("Requests"), icon: ClipboardListIcon, badge: { count: open, text: tn("{n} open request", "{n} open requests", open) } },
        { path: "/notices", label: N_("Notices"), icon: BellIcon, badge: { count: unread, text: tn("{n} unread notice", "{n} unread notices", unread) } },
        { path: "/incidents", label: N_("Incidents"), icon: LifeRingIcon, badge: { count: incidents, text: tn("{n} open incident", "{n} open incidents", incidents) } },
        { path: "/documents", label: N_("Documents"), icon: BookIcon },
      ],
    },
    {
      key: "contract",
      title: N_("Contract and access"),
      items: [
        { path: "/contract", label: N_("Contract"), icon: FileContractIcon },
        { path: "/users", label: N_("Users"), icon: UsersIcon },
        security,
      ],
    },
  ];
}

export function PortalFrame({ children }: { children: ReactNode }) {
  const me = useMe().data;
  return (
    <Shell
      customer={me ? customerOf(me) : undefined}
      groups={useGroups()}
      accountLinks={[{ path: "/security", label: N_("Security settings") }]}
      home={{ path: "/overview", label: t("akashi: to the overview") }}
    >
      {children}
    </Shell>
  );
}

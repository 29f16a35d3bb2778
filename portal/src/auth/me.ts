// SPDX-License-Identifier: Apache-2.0
/* Who one is to the contract: role, class, and for each verb whether one may do it oneself. A project without a contract
 * (and a daemon without the service API) allows what its roles allow. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/client";
import type { Policy } from "../api/routes";
import { showMe, type Me, type Verb, type VerbMode } from "../api/service";
import { useSession } from "./session";

export const ME_KEY = ["me"] as const;

export function useMe() {
  const { session } = useSession();
  return useQuery({
    queryKey: ME_KEY,
    queryFn: async (): Promise<Me | null> => {
      try {
        return await showMe();
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) {
          return null;
        }
        throw error;
      }
    },
    enabled: Boolean(session?.project) && session?.firstStep === null,
    staleTime: 60_000,
  });
}

export function useRefreshMe(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ME_KEY });
}

/** Whether the daemon lets one do it, by its own policy table: role, class and state of the contract are in its answer.
 *  Nothing as long as it has not answered; everything where there is no service API to ask. */
export function useMay(): (policy: Policy) => boolean {
  const { data } = useMe();
  return (policy) => data === null || (data?.may.includes(policy) ?? false);
}

/* what a class's verb stands for, of the policies that bear it */
const POLICIES: Record<Verb, Policy> = {
  "server.create": "compute:server:create",
  "server.delete": "compute:server:delete",
  "server.power": "compute:server:operate",
  "server.rebuild": "compute:server:rebuild",
  console: "compute:console:create",
  metrics: "protect:metrics:show",
  eventlog: "protect:event:list",
  user: "identity:customer_user:create",
  network: "network:network:create",
  firewall: "network:security_group_rule:create",
  image: "image:image:create",
  keypair: "compute:keypair:manage",
  label: "service:label:update",
};

/** How 'verb' is served to oneself: by the class, and "role" where the class leaves it to the customer, but one's own role
 *  (that of a reader, or of everybody after the end of the contract) does not allow it. */
export function useVerbs(): (verb: Verb) => VerbMode | "role" {
  const { data } = useMe();
  const may = useMay();
  return (verb) => {
    const mode = data?.verbs?.[verb] ?? "self";
    return mode === "self" && !may(POLICIES[verb]) ? "role" : mode;
  };
}

export const useVerb = (verb: Verb): VerbMode | "role" => useVerbs()(verb);

export function useHasContract(): boolean {
  return Boolean(useMe().data?.contract_id);
}

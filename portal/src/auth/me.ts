// SPDX-License-Identifier: Apache-2.0
/* Who one is to the contract: role, class, and for each verb whether one may do it oneself. A project without a contract
 * (and a daemon without the service API) allows what its roles allow. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/client";
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

/** How the class serves 'verb'; readers may not change anything. */
export function useVerb(verb: Verb): VerbMode {
  return useMe().data?.verbs?.[verb] ?? "self";
}

export function useHasContract(): boolean {
  return Boolean(useMe().data?.contract_id);
}

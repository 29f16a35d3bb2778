// SPDX-License-Identifier: Apache-2.0
/* The state of a paged list: marker, sort and filters belong together, since a marker is of one order of one selection.
 * The API pages, sorts and searches; 10,000 rows cost as much as fifty. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ListQuery, Page } from "../api/own";

export const PAGE_SIZE = 50;

interface PagedOptions {
  filters?: Record<string, string | undefined>;
  /** the first order: "created_at:desc" */
  sort?: string;
  limit?: number;
  refetchInterval?: number | false;
  isEnabled?: boolean;
}

export function usePaged<T>(key: readonly unknown[], read: (query: ListQuery) => Promise<Page<T>>, options: PagedOptions = {}) {
  const { filters = {}, limit = PAGE_SIZE, refetchInterval = false, isEnabled = true } = options;
  const [sort, setSort] = useState(options.sort);
  const [markers, setMarkers] = useState<string[]>([]);
  const selection = JSON.stringify([filters, sort]);
  const [last, setLast] = useState(selection);
  if (last !== selection) {
    setLast(selection);
    setMarkers([]);
  }
  const marker = last === selection ? markers.at(-1) : undefined;
  const query = useQuery({
    queryKey: [...key, "list", selection, marker ?? "", limit],
    queryFn: () => read({ ...filters, limit, marker, sort }),
    placeholderData: keepPreviousData,
    refetchInterval,
    enabled: isEnabled,
  });
  const next = query.data?.next ?? null;
  return {
    rows: query.data?.rows,
    error: query.error,
    retry: () => void query.refetch(),
    sort,
    onSort: setSort,
    paging: {
      hasPrevious: markers.length > 0,
      hasNext: next !== null,
      onPrevious: () => setMarkers((list) => list.slice(0, -1)),
      /* the marker of the page before, while the next one is on its way, leads nowhere new */
      onNext: () => (next === null || query.isPlaceholderData ? undefined : setMarkers((list) => [...list, next])),
    },
  };
}

// SPDX-License-Identifier: Apache-2.0
/* Glance v2. Spec: https://docs.openstack.org/api-ref/image/v2/ */
import { get } from "./client";

export interface Image {
  id: string;
  name: string | null;
  status: string;
  visibility: string;
  /** bytes of the file */
  size: number | null;
  /** GiB that a flavor's disk must have */
  min_disk: number;
  /** MiB that a flavor must have */
  min_ram: number;
  disk_format: string | null;
  os_distro?: string;
}

export async function listImages(): Promise<Image[]> {
  const query = { status: "active", sort: "name:asc", limit: 200 };
  return (await get<{ images: Image[] }>("/image/v2/images", { query })).images;
}

export function showImage(id: string): Promise<Image> {
  return get<Image>(`/image/v2/images/${id}`);
}

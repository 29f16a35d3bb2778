// SPDX-License-Identifier: Apache-2.0
/* Glance v2. Spec: https://docs.openstack.org/api-ref/image/v2/ */
import { call, get, upload } from "./client";

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
  /** the project that it belongs to */
  owner?: string | null;
  protected?: boolean;
  created_at?: string;
  os_distro?: string;
}

export async function listImages(): Promise<Image[]> {
  const query = { status: "active", sort: "name:asc", limit: 200 };
  return (await get<{ images: Image[] }>("/image/v2/images", { query })).images;
}

export function showImage(id: string): Promise<Image> {
  return get<Image>(`/image/v2/images/${id}`);
}

export interface NewImage {
  name: string;
  disk_format: "qcow2" | "raw";
  container_format: "bare";
  min_disk: number;
  min_ram: number;
}

export interface ImagePage {
  images: Image[];
  next: string | null;
}

/** One page of all images, those that are not ready too. */
export async function pageImages(query: { limit: number; marker?: string | undefined; sort?: string | undefined; visibility?: string | undefined }): Promise<ImagePage> {
  const body = await get<{ images: Image[]; next?: string }>("/image/v2/images", { query: { sort: "name:asc", ...query } });
  const next = body.next === undefined ? null : new URL(body.next, window.location.origin).searchParams.get("marker");
  return { images: body.images, next };
}

/** Makes the image and sends its file; a file that could not be sent leaves no image behind. */
export async function uploadImage(image: NewImage, file: File, onProgress: (part: number) => void, signal: AbortSignal): Promise<Image> {
  const made = await get<Image>("/image/v2/images", { method: "POST", body: image });
  try {
    await upload(`/image/v2/images/${made.id}/file`, file, "application/octet-stream", onProgress, signal);
  } catch (error) {
    await deleteImage(made.id).catch(() => undefined);
    throw error;
  }
  return made;
}

export async function deleteImage(id: string): Promise<void> {
  await call(`/image/v2/images/${id}`, { method: "DELETE" });
}

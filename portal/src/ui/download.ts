// SPDX-License-Identifier: Apache-2.0
/* A file of the API saved on the user's machine: a link of the browser's own would not bear the token. */
import { download } from "../api/client";

export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export async function saveFile(path: string, name: string, query: Record<string, string> = {}): Promise<void> {
  saveBlob(await download(path, query), name);
}

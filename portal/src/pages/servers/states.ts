// SPDX-License-Identifier: Apache-2.0
/* Nova's states and task states: how each reads, how it looks. The API's own word is shown beside a job's text.
 * Spec: https://docs.openstack.org/api-guide/compute/server_concepts.html */
import type { Server } from "../../api/compute";
import { NC_, tr } from "../../i18n";
import type { Tone } from "../../ui/StatusLabel";

export const STATES: Record<string, { text: string; tone: Tone }> = {
  ACTIVE: { text: NC_("state", "Running"), tone: "good" },
  BUILD: { text: NC_("state", "Being created"), tone: "busy" },
  DELETED: { text: NC_("state", "Deleted"), tone: "off" },
  ERROR: { text: NC_("state", "Error"), tone: "bad" },
  HARD_REBOOT: { text: NC_("state", "Being reset"), tone: "busy" },
  MIGRATING: { text: NC_("state", "Being migrated"), tone: "busy" },
  PASSWORD: { text: NC_("state", "Password being set"), tone: "busy" },
  PAUSED: { text: NC_("state", "Paused"), tone: "paused" },
  REBOOT: { text: NC_("state", "Rebooting"), tone: "busy" },
  REBUILD: { text: NC_("state", "Being rebuilt"), tone: "busy" },
  RESCUE: { text: NC_("state", "Rescue mode"), tone: "attention" },
  RESIZE: { text: NC_("state", "Being resized"), tone: "busy" },
  REVERT_RESIZE: { text: NC_("state", "Resize being reverted"), tone: "busy" },
  SHELVED: { text: NC_("state", "Shelved"), tone: "stored" },
  SHELVED_OFFLOADED: { text: NC_("state", "Shelved and offloaded"), tone: "stored" },
  SHUTOFF: { text: NC_("state", "Stopped"), tone: "off" },
  SOFT_DELETED: { text: NC_("state", "Deleted, can be restored"), tone: "off" },
  SUSPENDED: { text: NC_("state", "Suspended"), tone: "paused" },
  UNKNOWN: { text: NC_("state", "Unknown"), tone: "attention" },
  VERIFY_RESIZE: { text: NC_("state", "Resize to be confirmed"), tone: "attention" },
};

export const TASKS: Record<string, string> = {
  scheduling: NC_("task", "Choosing a host"),
  block_device_mapping: NC_("task", "Preparing the disk"),
  networking: NC_("task", "Preparing the network"),
  spawning: NC_("task", "Starting the virtual machine"),
  "powering-on": NC_("task", "Powering on"),
  "powering-off": NC_("task", "Shutting down"),
  rebooting: NC_("task", "Rebooting"),
  reboot_pending: NC_("task", "Waiting to reboot"),
  reboot_started: NC_("task", "Reboot started"),
  rebooting_hard: NC_("task", "Resetting"),
  reboot_pending_hard: NC_("task", "Waiting to be reset"),
  reboot_started_hard: NC_("task", "Reset started"),
  deleting: NC_("task", "Deleting"),
  "soft-deleting": NC_("task", "Deleting"),
  restoring: NC_("task", "Restoring"),
  pausing: NC_("task", "Pausing"),
  unpausing: NC_("task", "Unpausing"),
  suspending: NC_("task", "Suspending"),
  resuming: NC_("task", "Resuming"),
  image_snapshot: NC_("task", "Taking a snapshot"),
  image_snapshot_pending: NC_("task", "Waiting to take a snapshot"),
  image_pending_upload: NC_("task", "Waiting to store the image"),
  image_uploading: NC_("task", "Storing the image"),
  image_backup: NC_("task", "Backing up"),
  resize_prep: NC_("task", "Preparing the resize"),
  resize_migrating: NC_("task", "Moving the disk"),
  resize_migrated: NC_("task", "Disk moved"),
  resize_finish: NC_("task", "Finishing the resize"),
  resize_reverting: NC_("task", "Reverting the resize"),
  resize_confirming: NC_("task", "Confirming the resize"),
  rebuilding: NC_("task", "Rebuilding"),
  rebuild_block_device_mapping: NC_("task", "Preparing the disk"),
  rebuild_spawning: NC_("task", "Starting the virtual machine"),
  migrating: NC_("task", "Migrating"),
  rescuing: NC_("task", "Entering rescue mode"),
  unrescuing: NC_("task", "Leaving rescue mode"),
  shelving: NC_("task", "Shelving"),
  shelving_image_pending_upload: NC_("task", "Waiting to store the image"),
  shelving_image_uploading: NC_("task", "Storing the image"),
  shelving_offloading: NC_("task", "Offloading"),
  unshelving: NC_("task", "Unshelving"),
  updating_password: NC_("task", "Setting the password"),
};

export const taskName = (server: Server): string | null => server["OS-EXT-STS:task_state"] ?? null;

/** A job is under way: look again soon. */
export const isBusy = (server: Server): boolean =>
  taskName(server) !== null || STATES[server.status]?.tone === "busy";

export function stateText(server: Server): string {
  const state = STATES[server.status];
  return state ? tr(state.text) : server.status;
}

export function taskText(name: string): string {
  const text = TASKS[name];
  return text ? tr(text) : name;
}

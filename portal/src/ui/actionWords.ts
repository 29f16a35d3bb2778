// SPDX-License-Identifier: Apache-2.0
/* What was done, in words: the audit log's names (domain.object.verb, job.kind) as a reader says them. A name that is not
 * here is shown as it is. */
import { N_, NC_, tc, tr } from "../i18n";

const OBJECTS: Record<string, string> = {
  account: NC_("object", "Account"),
  app_credential: NC_("object", "Application credential"),
  area: NC_("object", "Area"),
  assignment: NC_("object", "Role of a user"),
  attachment: NC_("object", "File"),
  break_glass: NC_("object", "Break-glass access"),
  console: NC_("object", "Console"),
  contract: NC_("object", "Contract"),
  customer: NC_("object", "Customer"),
  customer_user: NC_("object", "User"),
  document: NC_("object", "Document"),
  domain: NC_("object", "Domain"),
  export: NC_("object", "Export kit"),
  feed: NC_("object", "Calendar feed"),
  flavor: NC_("object", "Flavor"),
  group: NC_("object", "Security group"),
  host: NC_("object", "Host"),
  image: NC_("object", "Image"),
  incident: NC_("object", "Incident"),
  keypair: NC_("object", "Key pair"),
  label: NC_("object", "Label"),
  mail: NC_("object", "Mail"),
  member: NC_("object", "Sharing of an image"),
  message: NC_("object", "Message"),
  network: NC_("object", "Network"),
  notice: NC_("object", "Notice"),
  passkey: NC_("object", "Passkey"),
  password: NC_("object", "Password"),
  port: NC_("object", "Port"),
  privilege: NC_("object", "Privilege"),
  project: NC_("object", "Project"),
  quota: NC_("object", "Quota"),
  recovery: NC_("object", "Recovery codes"),
  request: NC_("object", "Request"),
  review: NC_("object", "Access review"),
  role: NC_("object", "Role"),
  router: NC_("object", "Router"),
  secret: NC_("object", "One-time password"),
  security_group: NC_("object", "Security group"),
  security_group_rule: NC_("object", "Firewall rule"),
  server: NC_("object", "Server"),
  session: NC_("object", "Session"),
  sources: NC_("object", "Allowed addresses"),
  subnet: NC_("object", "Subnet"),
  tag: NC_("object", "Tag"),
  token: NC_("object", "Login"),
  totp: NC_("object", "Authenticator app"),
  user: NC_("object", "User"),
};

const VERBS: Record<string, string> = {
  acknowledge: NC_("action", "acknowledged"),
  activate: NC_("action", "activated"),
  add_interface: NC_("action", "network connected"),
  affected: NC_("action", "affected set"),
  approve: NC_("action", "approved"),
  ask: NC_("action", "question asked"),
  cancel: NC_("action", "cancelled"),
  close: NC_("action", "closed"),
  complete: NC_("action", "completed"),
  confirm: NC_("action", "confirmed"),
  connect: NC_("action", "connected"),
  consent: NC_("action", "consented"),
  create: NC_("action", "created"),
  deactivate: NC_("action", "deactivated"),
  decide: NC_("action", "decided"),
  delete: NC_("action", "deleted"),
  disable: NC_("action", "disabled"),
  enable: NC_("action", "enabled"),
  end: NC_("action", "ended"),
  factors: NC_("action", "second factors removed"),
  finish: NC_("action", "finished"),
  hold: NC_("action", "put on hold"),
  lock: NC_("action", "locked"),
  message: NC_("action", "message written"),
  mitigate: NC_("action", "mitigated"),
  note: NC_("action", "entry added"),
  notify: NC_("action", "customers notified"),
  password: NC_("action", "password changed"),
  pause: NC_("action", "paused"),
  publish: NC_("action", "published"),
  reactivate: NC_("action", "activated again"),
  reboot: NC_("action", "rebooted"),
  rebuild: NC_("action", "rebuilt"),
  refuse: NC_("action", "refused"),
  release: NC_("action", "hold released"),
  remove_interface: NC_("action", "network disconnected"),
  request: NC_("action", "asked for"),
  resend: NC_("action", "sent again"),
  reset: NC_("action", "state set"),
  resolve: NC_("action", "resolved"),
  resume: NC_("action", "resumed"),
  retry: NC_("action", "tried again"),
  revoke: NC_("action", "revoked"),
  start: NC_("action", "started"),
  stop: NC_("action", "stopped"),
  suspend: NC_("action", "suspended"),
  take: NC_("action", "taken over"),
  tie: NC_("action", "tied"),
  triage: NC_("action", "taken up"),
  unlock: NC_("action", "unlocked"),
  unpause: NC_("action", "continued"),
  update: NC_("action", "changed"),
  upload: NC_("action", "uploaded"),
  withdraw: NC_("action", "withdrawn"),
};

/* akashi's kinds of jobs, and what reads better than its parts */
const WHOLE: Record<string, string> = {
  "http.access": NC_("action", "Access refused"),
  "identity.token.create": N_("Logged in"),
  "identity.token.delete": N_("Logged out"),
  "identity.totp.start": N_("Authenticator app: set-up begun"),
  "request.secret.take": N_("One-time password: fetched"),
  "server-create": N_("Making a server"),
  "server-delete": N_("Deleting a server"),
  "server-start": N_("Starting a server"),
  "server-stop": N_("Stopping a server"),
  "server-reboot": N_("Rebooting a server"),
  "server-rebuild": N_("Rebuilding a server"),
  "server-pause": N_("Pausing a server"),
  "server-unpause": N_("Continuing a server"),
  "server-suspend": N_("Suspending a server"),
  "server-resume": N_("Resuming a server"),
  "server-resize": N_("Changing the size of a server"),
  "server-sync": N_("Bringing a server into its state"),
  "image-import": N_("Checking an image"),
  "image-delete": N_("Deleting an image"),
  "network-follow": N_("Setting up a network"),
  "subnet-follow": N_("Setting up a subnet"),
  "port-follow": N_("Setting up a port"),
  "router-follow": N_("Setting up a router"),
  "security-group-follow": N_("Setting up a security group"),
  "request-run": N_("Carrying out a request"),
  "contract-delete": N_("Deleting all that a contract had"),
  "contract-export": N_("Making an export kit"),
};

export const objectText = (type: string): string => {
  const marked = OBJECTS[type.replaceAll("-", "_")];
  return marked ? tr(marked) : type;
};

export const jobText = (kind: string): string => {
  const marked = WHOLE[kind];
  return marked ? tr(marked) : kind;
};

export function actionText(action: string): string {
  const parts = action.split(".");
  const whole = WHOLE[action] ?? (parts[0] === "job" ? WHOLE[parts[1] ?? ""] : undefined);
  if (whole) {
    return tr(whole);
  }
  const [object, verb] = [OBJECTS[parts.at(-2) ?? ""], VERBS[parts.at(-1) ?? ""]];
  return object && verb ? tc("action", "{object}: {verb}", { object: tr(object), verb: tr(verb) }) : action;
}

// SPDX-License-Identifier: Apache-2.0
/* The operator console's addresses; its rooms are being built. */
import { useSession } from "../../auth/session";
import { N_, t, useLanguage } from "../../i18n";
import { HomeIcon } from "../../ui/icons";
import { PageHead } from "../../ui/PageHead";
import { Shell } from "../../ui/Shell";
import { LoginPage } from "../login/Login";

export function OperatorApp() {
  useLanguage();
  const { session } = useSession();
  return session === null ? (
    <LoginPage />
  ) : (
    <Shell
      groups={[{ key: "home", items: [{ path: "/", label: N_("Overview"), icon: HomeIcon }] }]}
      home={{ path: "/", label: t("akashi: to the overview") }}
      title={t("Operator console")}
    >
      <PageHead title={t("Overview")} />
    </Shell>
  );
}

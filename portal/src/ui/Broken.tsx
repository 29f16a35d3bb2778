// SPDX-License-Identifier: Apache-2.0
/* A page that cannot be shown, since its code could not be loaded (the network, a newer version of the portal) or has
 * failed, says so, instead of leaving everything blank; the frame around it stays. */
import { Button } from "@patternfly/react-core";
import { Component, type ReactNode } from "react";
import { t } from "../i18n";
import { Message } from "./Message";
import { PageHead } from "./PageHead";

interface BrokenProps {
  /** another address is another page: it is tried anew */
  address: string;
  children: ReactNode;
}

export class Broken extends Component<BrokenProps, { at: string | null }> {
  override state = { at: null };

  static getDerivedStateFromError = () => ({ at: "" });

  static getDerivedStateFromProps({ address }: BrokenProps, { at }: { at: string | null }) {
    return at === "" ? { at: address } : at !== null && at !== address ? { at: null } : null;
  }

  override render() {
    if (this.state.at === null) {
      return this.props.children;
    }
    return (
      <>
        <PageHead title={t("This page cannot be shown")} />
        <Message
          kind="danger"
          title={t("It could not be loaded as a whole.")}
          action={
            <Button variant="link" isInline onClick={() => window.location.reload()}>
              {t("Load it again")}
            </Button>
          }
        >
          {t("Check your network connection. Perhaps there is a newer version of this page by now.")}
        </Message>
      </>
    );
  }
}

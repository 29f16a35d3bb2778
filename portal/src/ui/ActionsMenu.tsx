// SPDX-License-Identifier: Apache-2.0
/* The “⋮” menu of a row or page. Choosing an item puts the focus back on the toggle before the item acts, so that
 * a dialog it opens returns the focus there. */
import { Dropdown, DropdownItem, DropdownList, MenuToggle } from "@patternfly/react-core";
import { useLayoutEffect, useRef, useState } from "react";
import { EllipsisVIcon } from "./icons";

/* not in the card, which clips what is larger than itself, nor in <body>, outside of the page's landmarks */
const landmark = () => document.querySelector<HTMLElement>("main") ?? document.body;

export interface MenuAction {
  key: string;
  label: string;
  isDanger?: boolean;
  isDisabled?: boolean;
  onSelect: () => void;
}

export function ActionsMenu({ label, actions }: { label: string; actions: MenuAction[] }) {
  const [isOpen, setOpen] = useState(false);
  const toggle = useRef<HTMLButtonElement>(null);
  /* a row that goes with the focus in it, as that of a server that was deleted, leaves it to the page's heading */
  useLayoutEffect(() => {
    const own = toggle.current;
    return () => {
      if (own !== null && document.activeElement === own) {
        document.querySelector("h1")?.focus();
      }
    };
  }, []);
  return (
    <Dropdown
      isOpen={isOpen}
      onOpenChange={setOpen}
      popperProps={{ position: "end", appendTo: landmark }}
      toggle={{
        toggleRef: toggle,
        toggleNode: (
          <MenuToggle
            ref={toggle}
            variant="plain"
            isExpanded={isOpen}
            onClick={() => setOpen(!isOpen)}
            icon={<EllipsisVIcon />}
            aria-label={label}
          />
        ),
      }}
    >
      <DropdownList>
        {actions.map((action) => (
          <DropdownItem
            key={action.key}
            isDanger={action.isDanger ?? false}
            isDisabled={action.isDisabled ?? false}
            onClick={() => {
              setOpen(false);
              toggle.current?.focus();
              action.onSelect();
            }}
          >
            {action.label}
          </DropdownItem>
        ))}
      </DropdownList>
    </Dropdown>
  );
}

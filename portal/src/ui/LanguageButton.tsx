// SPDX-License-Identifier: Apache-2.0
import { Button } from "@patternfly/react-core";
import { LANGUAGES, setLanguage, useLanguage, type Language } from "../i18n";

/** Switches to the other language; its name is written in itself. 'onChoice' tells who should know. */
export function LanguageButton({ onChoice }: { onChoice?: (code: Language) => void }) {
  const current = useLanguage();
  const other = LANGUAGES.find(({ code }) => code !== current);
  return other === undefined ? null : (
    <Button
      variant="plain"
      className="ak-language"
      lang={other.code}
      onClick={() => {
        void setLanguage(other.code, true);
        onChoice?.(other.code);
      }}
    >
      {other.name}
    </Button>
  );
}

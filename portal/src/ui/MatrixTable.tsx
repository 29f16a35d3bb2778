// SPDX-License-Identifier: Apache-2.0
/* The responsibility matrix of a service class: who answers for which layer. A dot in the column and the word for it. */
import { both, t } from "../i18n";
import type { MatrixRow } from "../api/service";
import { word } from "./words";

const PARTIES = ["provider", "shared", "customer"] as const;

export function MatrixTable({ rows }: { rows: MatrixRow[] }) {
  return (
    <div className="ak-scroll">
      <table className="ak-matrix">
        <caption className="ak-visually-hidden">{t("Responsibility matrix")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("Layer")}</th>
            {PARTIES.map((party) => (
              <th key={party} scope="col">
                {word("party", party)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.layer}>
              <th scope="row">{both(row, "title")}</th>
              {PARTIES.map((party) => (
                <td key={party}>
                  {row.party === party ? (
                    <>
                      <span className={`ak-matrix__dot ak-matrix__dot--${party}`} aria-hidden="true" />
                      <span className="ak-visually-hidden">{t("Responsible")}</span>
                    </>
                  ) : null}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

import { useWords } from "../app/hooks.tsx";
import { endpoints } from "../http/endpoints.ts";
import { ProblemNote } from "../ui/problem-note.tsx";
import { usePages } from "../ui/use-pages.tsx";
import { useVariables } from "../points/catalogue.ts";
import type { Point } from "../wire/point.ts";
import { readPointChange, type PointChangeRow, type SettingRow } from "../wire/setting.ts";
import { limitRows } from "./limit-rows.ts";
import { PeriodValues } from "./period-values.tsx";

/** Who changed what of a point and when: also what later changes replaced. */
export function ChangeList({ point, rows }: { readonly point: Point; readonly rows: readonly SettingRow[] }) {
  const words = useWords();
  const { t } = words;
  const pages = usePages(endpoints.pointChanges(point.id), readPointChange, point.version);
  return (
    <section class="panel" aria-labelledby="changes-title">
      <div class="panel-head"><h2 id="changes-title">{t("page.settings.changes")}</h2></div>
      <ProblemNote error={pages.error} />
      {pages.items.length === 0 && !pages.loading && pages.error === null && <p class="muted">{t("page.settings.changes.none")}</p>}
      <ol class="change-list">
        {pages.items.map((change, index) => (
          <li key={index}>
            <p class="change-head"><b>{change.by}</b> <span class="muted">{change.atMs !== null && words.instant(change.atMs)}</span></p>
            <Asked change={change} rows={rows} />
          </li>
        ))}
      </ol>
      {pages.more && <p class="more"><button type="button" class="button" disabled={pages.loading} onClick={pages.loadMore}>{t("page.more-items")}</button></p>}
    </section>
  );
}

function Asked({ change, rows }: { readonly change: PointChangeRow; readonly rows: readonly SettingRow[] }) {
  const words = useWords();
  const { t } = words;
  const catalogue = useVariables();
  if (change.action === "point.correct") return <p>{t("page.settings.changed.correction", { variable: change.variable })}{change.reason !== "" && <> · <q>{change.reason}</q></>}</p>;
  return (
    <>
      {change.name !== null && <p>{t("page.settings.changed.name", { name: change.name })}</p>}
      {change.keys.length > 0 && <p>{t("page.settings.changed.keys", { keys: change.keys.join(", ") })}</p>}
      {change.limits.map((asked, index) => {
        const row = catalogue.get(asked.variable);
        return (
          <div key={index} class="change-settings">
            <p>{t("page.settings.changed.limits", { variable: row === undefined ? asked.variable : words.name(row.name) })} · <From validFrom={asked.validFrom} />{asked.reason !== "" && <> · <q>{asked.reason}</q></>}</p>
            <PeriodValues rows={limitRows(asked.variable, row?.unit ?? "", t)} values={asked.values} forgotten={asked.forget} />
          </div>
        );
      })}
      {change.settings.map((asked, index) => (
        <div key={index} class="change-settings">
          <p><From validFrom={asked.validFrom} />{asked.reason !== "" && <> · <q>{asked.reason}</q></>}</p>
          <PeriodValues rows={rows} values={asked.values} forgotten={asked.forget} />
        </div>
      ))}
    </>
  );
}

function From({ validFrom }: { readonly validFrom: string | null }) {
  const words = useWords();
  return <>{validFrom === null ? words.t("page.settings.from.first") : words.t("page.settings.from.time", { time: words.instant(Date.parse(validFrom)) })}</>;
}

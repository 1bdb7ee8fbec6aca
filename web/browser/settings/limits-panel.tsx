import { useState } from "preact/hooks";
import { useWords } from "../app/hooks.tsx";
import { useVariables } from "../points/catalogue.ts";
import { Choice } from "../ui/field.tsx";
import { Icon } from "../ui/icons.tsx";
import type { Point } from "../wire/point.ts";
import type { LimitPeriod } from "../wire/setting.ts";
import { limitedVariables, limitRows } from "./limit-rows.ts";
import { LimitTable } from "./limit-table.tsx";
import { PeriodDialog } from "./period-dialog.tsx";
import { PeriodList } from "./period-list.tsx";
import { RemovePeriodDialog } from "./remove-period-dialog.tsx";

export interface LimitsPanelProps {
  readonly point: Point;
  readonly nowMs: number;
  readonly mayEdit: boolean;
  readonly onSaved: (text: string) => void;
}

type Open = { readonly what: "say"; readonly variable: string; readonly period: LimitPeriod | null } | { readonly what: "remove"; readonly period: LimitPeriod } | null;

/** The limits of the quality tests by variable: what holds now, since when, by whom and why. */
export function LimitsPanel({ point, nowMs, mayEdit, onSaved }: LimitsPanelProps) {
  const words = useWords();
  const { t } = words;
  const catalogue = useVariables();
  const [open, setOpen] = useState<Open>(null);
  const variables = limitedVariables(point, catalogue, words);
  const first = variables[0];
  const rowsOf = (variable: string) => limitRows(variable, variables.find((row) => row.variable === variable)?.unit ?? "", t);
  const saved = (text: string) => {
    setOpen(null);
    onSaved(text);
  };
  return (
    <section class="panel" aria-labelledby="limits-title">
      <div class="panel-head">
        <h2 id="limits-title">{t("page.edit.limits")}</h2>
        {mayEdit && first !== undefined && <button type="button" class="button" onClick={() => setOpen({ what: "say", variable: first.variable, period: null })}><Icon name="edit" size={18} />{t("page.settings.limits.edit")}</button>}
      </div>
      <p class="small">{t("page.settings.limits.text")}</p>
      <LimitTable point={point} />
      {variables.filter(({ periods }) => periods.length > 0).map(({ variable, name, periods }) => (
        <div key={variable} class="limit-periods">
          <h3>{name}</h3>
          <PeriodList periods={periods} rows={rowsOf(variable)} nowMs={nowMs} mayEdit={mayEdit} onCorrect={(period) => setOpen({ what: "say", variable, period })} onRemove={(period) => setOpen({ what: "remove", period })} />
        </div>
      ))}
      {open?.what === "say" && (
        <PeriodDialog point={point} title={open.period === null ? t("page.settings.limits.add") : t("page.settings.correct")} groups={[{ id: "limits", rows: rowsOf(open.variable) }]}
          periods={point.limits.filter(({ variable }) => variable === open.variable)} period={open.period} field="limits" besides={{ variable: open.variable }} onClose={() => setOpen(null)} onSaved={() => saved(t("page.settings.limits.saved"))}>
          {open.period === null && <div class="limit-choice"><Choice label={t("page.variable")} value={open.variable} options={variables.map(({ variable, name }) => ({ value: variable, text: name }))} onChange={(variable) => setOpen({ what: "say", variable, period: null })} /></div>}
        </PeriodDialog>
      )}
      {open?.what === "remove" && <RemovePeriodDialog point={point} rows={rowsOf(open.period.variable)} period={open.period} field="limits" besides={{ variable: open.period.variable }} onClose={() => setOpen(null)} onSaved={() => saved(t("page.settings.removed"))} />}
    </section>
  );
}

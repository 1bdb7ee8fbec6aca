import { useWords } from "../app/hooks.tsx";
import { formatUnit } from "../format/number.ts";
import { Badge } from "../ui/badge.tsx";
import { Choice, Field, type Option } from "../ui/field.tsx";
import { Icon } from "../ui/icons.tsx";
import type { UnitOption, VariableOption } from "../wire/operations.ts";
import type { PointVariable } from "../wire/point.ts";
import type { FieldProblem } from "../wire/problem.ts";
import { unitsFor, type KeyDraft } from "./config-form.ts";

export interface KeyFieldsProps {
  readonly known: PointVariable;
  /** Named where it is another than the point's own. */
  readonly device: string;
  readonly draft: KeyDraft;
  readonly variables: readonly VariableOption[];
  readonly units: readonly UnitOption[];
  readonly onChange: (draft: KeyDraft) => void;
  readonly problemOf: (field: string) => FieldProblem | undefined;
}

/** What one key means: its variable, the unit that the device writes, its limits. */
export function KeyFields({ known, device, draft, variables, units, onChange, problemOf }: KeyFieldsProps) {
  const words = useWords();
  const { t } = words;
  const variableOptions = withCurrent(variables.map((row) => ({ value: row.id, text: words.name(row.name) })), known.variable, words.name(known.name));
  const unitOptions = withCurrent(unitsFor(draft.variable, variables, units).map((row) => ({ value: row.code, text: formatUnit(row.code) || row.code })), draft.unit, formatUnit(draft.unit) || draft.unit);
  const stillGuessed = known.guessed && !draft.confirmed && draft.variable === known.variable && draft.unit === known.sourceUnit;
  const unit = formatUnit(variables.find((row) => row.id === draft.variable)?.unit ?? known.unit);
  const chooseVariable = (variable: string) => {
    const fitting = unitsFor(variable, variables, units);
    const keeps = fitting.some((row) => row.code === draft.unit);
    onChange({ ...draft, variable, unit: keeps ? draft.unit : (variables.find((row) => row.id === variable)?.unit ?? draft.unit) });
  };
  return (
    <fieldset class="key-fields">
      <legend><code>{known.key}</code> {device !== "" && <span class="muted">{device}</span>} {known.guessed && (stillGuessed ? <Badge icon="guess" tone="guess">{t("page.guessed")}</Badge> : <Badge icon="check" tone="water">{t("page.edit.confirmed")}</Badge>)}</legend>
      <label class="check">
        <input type="checkbox" checked={draft.ignored} onChange={(event) => onChange({ ...draft, ignored: event.currentTarget.checked })} />
        {t("page.edit.ignore")}
      </label>
      {!draft.ignored && (
        <>
          <div class="key-meaning">
            <Choice label={t("page.variable")} value={draft.variable} options={variableOptions} onChange={chooseVariable} problem={problemOf("variable")} />
            <Choice label={t("page.unit.source")} value={draft.unit} options={unitOptions} onChange={(next) => onChange({ ...draft, unit: next })} problem={problemOf("unit")} />
            {stillGuessed && <button type="button" class="button" onClick={() => onChange({ ...draft, confirmed: true })}><Icon name="check" size={18} />{t("page.edit.confirm")}</button>}
          </div>
          <details class="limits">
            <summary>{t("page.edit.limits")}</summary>
            <div class="limit-fields">
              <Field label={t("page.edit.min")} inputMode="decimal" suffix={unit} value={draft.min} onInput={(min) => onChange({ ...draft, min })} problem={problemOf("min")} />
              <Field label={t("page.edit.max")} inputMode="decimal" suffix={unit} value={draft.max} onInput={(max) => onChange({ ...draft, max })} problem={problemOf("max")} />
              <Field label={t("page.edit.rate")} inputMode="decimal" suffix={unit === "" ? "/s" : `${unit}/s`} value={draft.maxRatePerS} onInput={(maxRatePerS) => onChange({ ...draft, maxRatePerS })} problem={problemOf("maxRatePerS")} />
              <Field label={t("page.edit.flat")} inputMode="decimal" suffix="s" value={draft.flatLineS} onInput={(flatLineS) => onChange({ ...draft, flatLineS })} problem={problemOf("flatLineS")} />
            </div>
            <p class="field-help">{t("page.edit.limits.help")}</p>
          </details>
        </>
      )}
    </fieldset>
  );
}

/** The choice always holds what is set now, whatever the catalogue says. */
function withCurrent(options: readonly Option[], value: string, text: string): Option[] {
  return options.some((option) => option.value === value) ? [...options] : [{ value, text: text || "—" }, ...options];
}

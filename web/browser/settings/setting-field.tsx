import { useId } from "preact/hooks";
import { useWords } from "../app/hooks.tsx";
import { FieldProblemText } from "../ui/field.tsx";
import type { FieldProblem } from "../wire/problem.ts";
import type { SettingRow, SettingValue } from "../wire/setting.ts";
import type { SettingDraft } from "./settings-form.ts";
import { choiceText, rangeText, unitText, valueText } from "./setting-text.ts";

export interface SettingFieldProps {
  readonly row: SettingRow;
  readonly draft: SettingDraft;
  /** What holds at the instant that the draft begins at, where the draft says nothing. */
  readonly held: SettingValue | undefined;
  readonly problem: FieldProblem | undefined;
  readonly onChange: (draft: SettingDraft) => void;
}

/** One setting: its plain name, a number with its unit or a choice, what it may be, and the way to say that it ends to hold. */
export function SettingField({ row, draft, held, problem, onChange }: SettingFieldProps) {
  const words = useWords();
  const { t } = words;
  const id = useId();
  const unit = unitText(row, words);
  const holds = held === undefined ? "" : t("page.settings.holds", { value: valueText(row, held, words) });
  const help = [rangeText(row, words), holds].filter((part) => part !== "").join(" · ");
  const described = [help === "" ? "" : `${id}-help`, problem === undefined ? "" : `${id}-problem`].filter((part) => part !== "").join(" ");
  return (
    <div class="field setting-field">
      <label for={id}>{words.name(row.says)}</label>
      <div class="setting-line">
        {row.choices === null
          ? (
            <div class={unit === "" ? "field-box" : "field-box field-suffixed"}>
              <input id={id} type="text" inputMode="decimal" autocomplete="off" value={draft.unset ? "" : draft.text} disabled={draft.unset} placeholder={draft.unset ? t("page.settings.unset") : ""}
                aria-invalid={problem !== undefined} aria-describedby={described === "" ? undefined : described} onInput={(event) => onChange({ text: event.currentTarget.value, unset: false })} />
              {unit !== "" && <span class="field-suffix" aria-hidden="true">{unit}</span>}
            </div>
          )
          : (
            <select id={id} value={draft.unset ? "" : draft.text} disabled={draft.unset} aria-invalid={problem !== undefined} aria-describedby={described === "" ? undefined : described}
              onChange={(event) => onChange({ text: event.currentTarget.value, unset: false })}>
              <option value="">{t(draft.unset ? "page.settings.unset" : "page.settings.unsaid")}</option>
              {row.choices.map((choice) => <option key={choice} value={choice}>{choiceText(row, choice, words)}</option>)}
            </select>
          )}
        {(held !== undefined || draft.unset) && (
          <button type="button" class={draft.unset ? "button button-on" : "button"} aria-pressed={draft.unset} aria-label={t("page.settings.unset.of", { name: words.name(row.says) })} onClick={() => onChange({ text: "", unset: !draft.unset })}>
            {t("page.settings.unset.do")}
          </button>
        )}
      </div>
      {help !== "" && <p class="field-help" id={`${id}-help`}>{help}</p>}
      <FieldProblemText id={`${id}-problem`} problem={problem} />
    </div>
  );
}

import { useWords } from "../app/hooks.tsx";
import type { SettingPeriod, SettingRow } from "../wire/setting.ts";
import { valueText } from "./setting-text.ts";

/** What a period says, by plain name. A name that the catalogue lacks is shown as it is. */
export function PeriodValues({ rows, values, forgotten = [] }: { readonly rows: readonly SettingRow[]; readonly values: SettingPeriod["values"]; readonly forgotten?: readonly string[] }) {
  const words = useWords();
  const { t } = words;
  const rowOf = (name: string): SettingRow | undefined => rows.find((row) => row.name === name);
  const named = (name: string): string => {
    const row = rowOf(name);
    return row === undefined ? name : words.name(row.says);
  };
  const shown = (name: string, value: SettingPeriod["values"][string]): string => {
    const row = rowOf(name);
    if (value === null || value === undefined) return t("page.settings.unset");
    return row === undefined ? String(value) : valueText(row, value, words);
  };
  return (
    <ul class="period-values">
      {Object.entries(values).map(([name, value]) => <li key={name}><span>{named(name)}</span> <b>{shown(name, value)}</b></li>)}
      {forgotten.map((name) => <li key={name}><span>{named(name)}</span> <b>{t("page.settings.forgotten")}</b></li>)}
    </ul>
  );
}

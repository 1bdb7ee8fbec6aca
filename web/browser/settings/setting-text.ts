import type { PageWords } from "../app/hooks.tsx";
import { formatUnit } from "../format/number.ts";
import type { SettingRow, SettingValue } from "../wire/setting.ts";

/** A setting's unit as people write it; a share has none. */
export function unitText(row: SettingRow, { t }: PageWords): string {
  if (row.unit === "1") return "";
  return row.unit === "count" ? t("page.settings.unit.count") : formatUnit(row.unit);
}

/** A value with its unit, or the name of a choice. */
export function valueText(row: SettingRow, value: SettingValue, words: PageWords): string {
  if (typeof value === "string") return choiceText(row, value, words);
  return `${words.exact(value)} ${unitText(row, words)}`.trim();
}

/** A choice that the catalogue has no words for is shown as it is. */
export function choiceText(row: SettingRow, choice: string, { texts, t }: PageWords): string {
  return `page.settings.choice.${row.name}.${choice}` in texts ? t(`page.settings.choice.${row.name}.${choice}`) : choice;
}

/** What a number may be: `> 0, ≤ 12.000 m`. */
export function rangeText(row: SettingRow, words: PageWords): string {
  if (row.choices !== null) return "";
  const low = row.above !== null ? `> ${words.exact(row.above)}` : row.min === null ? "" : `≥ ${words.exact(row.min)}`;
  const high = row.max === null ? "" : `≤ ${words.exact(row.max)}`;
  const bounds = [low, high].filter((part) => part !== "").join(", ");
  return bounds === "" ? "" : `${bounds} ${unitText(row, words)}`.trim();
}

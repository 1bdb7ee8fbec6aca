import type { Language } from "../texts/language.ts";
import type { SettingRow, SettingsSpec } from "./spec.ts";

const headings = {
  en: ["Variable", "Flag", "Default", "Meaning"],
  es: ["Variable", "Opción", "Valor por defecto", "Significado"],
} as const satisfies Record<Language, readonly string[]>;
const secretNote = { en: "Secret; `{env}_FILE` may name a file that holds it.", es: "Secreto; `{env}_FILE` puede indicar un archivo que lo contiene." };
const requiredNote = { en: "Required.", es: "Obligatorio." };

/** Markdown: a heading and a table a component, in the order given. */
export function settingsTable(specs: readonly SettingsSpec[], language: Language = "en"): string {
  return specs.map((spec) => {
    const rows = Object.values(spec.rows).map((row) => `| ${cells(row, language).map(escaped).join(" | ")} |`);
    return [`## ${spec.component}`, "", `| ${headings[language].join(" | ")} |`, "|---|---|---|---|", ...rows, ""].join("\n");
  }).join("\n");
}

function cells(row: SettingRow, language: Language): string[] {
  const notes = [
    row.doc[language],
    ...(row.required === true ? [requiredNote[language]] : []),
    ...(row.secret === true ? [secretNote[language].replace("{env}", row.env)] : []),
  ];
  return [`\`${row.env}\``, row.flag === undefined ? "" : `\`${row.flag}\``, row.default === undefined ? "" : `\`${row.default}\``, notes.join(" ")];
}

function escaped(cell: string): string {
  return cell.replaceAll("|", "\\|").replaceAll("\n", " ");
}

/** A `.env` with every setting commented out at its default or example, and its meaning above it. */
export function envSample(specs: readonly SettingsSpec[]): string {
  return specs.map((spec) => {
    const entries = Object.values(spec.rows).map((row) => `# ${row.doc.en.replaceAll("\n", " ")}\n#${row.env}=${quoted(row.default ?? row.example ?? "")}\n`);
    return [`# --- ${spec.component}`, "", ...entries].join("\n");
  }).join("\n");
}

function quoted(value: string): string {
  return /[\s#'"`$\\]/.test(value) ? JSON.stringify(value) : value;
}

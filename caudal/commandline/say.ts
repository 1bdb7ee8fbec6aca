import { text, type Language, type TextKey } from "@caudal/runtime";

/** Text of the catalogue in the caller's language, with its values in place. */
export type CliText = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;

export function sayIn(language: Language): CliText {
  return (key, values) => text(language, key, values);
}

/** es or en from what was asked, CAUDAL_LANG or the locale of the shell; English when none says. */
export function languageOf(asked: string | undefined, env: Readonly<Record<string, string | undefined>>): Language {
  const written = [asked, env["CAUDAL_LANG"], env["LC_ALL"], env["LC_MESSAGES"], env["LANG"]].find((word) => word !== undefined && word !== "");
  return written?.toLowerCase().startsWith("es") === true ? "es" : "en";
}

/** The languages that every text of the product exists in. */
export const languages = ["en", "es"] as const;
export type Language = (typeof languages)[number];

/** One text in every language. `{name}` stands for a value given when it is shown. */
export type Text = Readonly<Record<Language, string>>;

/** Texts by key. A table that lacks a language does not compile. */
export type TextTable = Readonly<Record<string, Text>>;

/** A value that stands in a text. */
export type TextValues = Readonly<Record<string, string | number>>;

/** The text in the language, `{name}` replaced by `values.name`; a name without a value stays as it is written. */
export function fill(template: Text, language: Language, values: TextValues = {}): string {
  return template[language].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** True for "en" and "es". */
export function isLanguage(value: unknown): value is Language {
  return value === "en" || value === "es";
}

/**
 * The language that somebody reads: the one asked for by name, else the best of an `Accept-Language` header, else English.
 * Weights are honoured; regions (`es-CL`) count as their language.
 */
export function chooseLanguage(asked: string | undefined, acceptLanguage: string | undefined): Language {
  const named = asked?.slice(0, 2).toLowerCase();
  if (isLanguage(named)) return named;
  let best: Language = "en";
  let bestWeight = 0;
  for (const range of (acceptLanguage ?? "").slice(0, 1000).split(",")) {
    const [tag = "", ...parameters] = range.trim().split(";");
    const language = tag.slice(0, 2).toLowerCase();
    const quality = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find((value) => value !== undefined);
    const weight = quality === undefined ? 1 : Number(quality);
    if (isLanguage(language) && weight > bestWeight) {
      best = language;
      bestWeight = weight;
    }
  }
  return best;
}

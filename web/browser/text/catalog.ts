export type Language = "es" | "en";

/** Texts of the catalogue by key, in one language, as `/texts/{lang}.json` gives them. */
export type Texts = Readonly<Record<string, string>>;

export type TextValues = Readonly<Record<string, string | number>>;

/** The text of a key with its `{name}` places filled. An unknown key shows itself, so a missing text is seen and not hidden. */
export function fillText(texts: Texts, key: string, values: TextValues = {}): string {
  const template = texts[key] ?? key;
  return template.replace(/\{(\w+)\}/g, (place, name: string) => (name in values ? String(values[name]) : place));
}

/** Keeps the texts of a catalogue document; what is no text is left out. */
export function readTexts(body: unknown): Texts {
  const out: Record<string, string> = {};
  if (typeof body !== "object" || body === null) return out;
  for (const [key, value] of Object.entries(body)) if (typeof value === "string") out[key] = value;
  return out;
}

/** The language to begin with: the remembered one, else the first of the browser's that the page speaks, else English. */
export function pickLanguage(remembered: string | null, preferred: readonly string[]): Language {
  if (remembered === "es" || remembered === "en") return remembered;
  for (const tag of preferred) {
    const primary = tag.toLowerCase().split("-")[0];
    if (primary === "es" || primary === "en") return primary;
  }
  return "en";
}

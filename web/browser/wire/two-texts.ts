import { asRecord, asText } from "./read.ts";

/** A text in both languages, as catalogues of the API give it. */
export interface TwoTexts {
  readonly en: string;
  readonly es: string;
}

export function readTwoTexts(value: unknown, fallback: string): TwoTexts {
  const row = asRecord(value);
  const en = asText(row["en"], fallback);
  return { en, es: asText(row["es"], en) };
}

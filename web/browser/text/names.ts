import { fillText, type Texts } from "./catalog.ts";

const flagWords: Readonly<Record<number, string>> = { 1: "good", 2: "not-evaluated", 3: "suspect", 4: "bad", 9: "missing" };

/** Word of a flag, for class names and icons. */
export function flagWord(flag: number): string {
  return flagWords[flag] ?? "not-evaluated";
}

/** A number that is no flag counts as not evaluated. */
export function flagText(texts: Texts, flag: number): string {
  return fillText(texts, `flag.${flag in flagWords ? flag : 2}`);
}

/** Why a fact has its flag; a code that the catalogue lacks is shown as it is. */
export function reasonText(texts: Texts, code: string): string {
  return texts[`reason.${code}`] ?? code;
}

/** Why a slot is held, or why nothing is there to send; reasons of measurements serve where it has none of its own. */
export function slotReasonText(texts: Texts, code: string): string {
  return texts[`slot-reason.${code}`] ?? reasonText(texts, code);
}

/** Why an event was parked. */
export function parkText(texts: Texts, code: string): string {
  return texts[`park.${code}`] ?? code;
}

/** What a person can do about a parked event; empty where the catalogue says nothing. */
export function parkNext(texts: Texts, code: string): string {
  return texts[`park.${code}.next`] ?? "";
}

/** Reasons for parking that the catalogue knows, for a choice list. */
export function parkReasonCodes(texts: Texts): string[] {
  return Object.keys(texts).filter((key) => /^park\.[a-z0-9-]+$/.test(key)).map((key) => key.slice("park.".length)).sort();
}

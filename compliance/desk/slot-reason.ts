import { flagReasonTexts, slotReasonTexts, type Language, type Text } from "@caudal/runtime";

const texts: Readonly<Record<string, Text>> = { ...flagReasonTexts, ...slotReasonTexts };

/** What a reason of a slot means to a person; the code itself where it is not known. */
export function slotReason(code: string, language: Language): string {
  return texts[code]?.[language] ?? code;
}

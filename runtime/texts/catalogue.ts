import { cliTexts } from "./cli.ts";
import { fill, type Language, type Text, type TextValues } from "./language.ts";
import { pageTexts } from "./page.ts";
import { problems, type ProblemCode } from "./problems.ts";
import { dropReasonTexts, flagReasonTexts, flagTexts, parkReasonTexts, slotReasonTexts } from "./reasons.ts";

type Prefixed<P extends string, K> = K extends string | number ? `${P}.${K}` : never;

/** Key of any text: `flag.3`, `reason.rate`, `slot-reason.no-data`, `drop.duplicate`, `park.empty`, `park.empty.next`, `problem.internal`, `problem.internal.next`, and the tables' own. */
export type TextKey =
  | keyof typeof pageTexts
  | keyof typeof cliTexts
  | Prefixed<"flag", keyof typeof flagTexts>
  | Prefixed<"reason", keyof typeof flagReasonTexts>
  | Prefixed<"slot-reason", keyof typeof slotReasonTexts>
  | Prefixed<"drop", keyof typeof dropReasonTexts>
  | Prefixed<"park", keyof typeof parkReasonTexts>
  | `${Prefixed<"park", keyof typeof parkReasonTexts>}.next`
  | Prefixed<"problem", ProblemCode>
  | `${Prefixed<"problem", ProblemCode>}.next`;

function prefixed(prefix: string, table: Readonly<Record<string, Text>>): [string, Text][] {
  return Object.entries(table).map(([key, value]) => [`${prefix}.${key}`, value]);
}

function withNext(prefix: string, table: Readonly<Record<string, { title: Text; next: Text }>>): [string, Text][] {
  return Object.entries(table).flatMap(([key, { title, next }]) => [[`${prefix}.${key}`, title], [`${prefix}.${key}.next`, next]] as [string, Text][]);
}

/** Every text of the product. */
export const catalogue = Object.fromEntries([
  ...Object.entries(pageTexts),
  ...Object.entries(cliTexts),
  ...prefixed("flag", flagTexts),
  ...prefixed("reason", flagReasonTexts),
  ...prefixed("slot-reason", slotReasonTexts),
  ...prefixed("drop", dropReasonTexts),
  ...withNext("park", parkReasonTexts),
  ...withNext("problem", problems),
]) as Readonly<Record<TextKey, Text>>;

/** The text of a key, `{name}` replaced by `values.name`. */
export function text(language: Language, key: TextKey, values?: TextValues): string {
  return fill(catalogue[key], language, values);
}

/** Every text of one language by its key, templates unfilled: what the page loads. */
export function textsFor(language: Language): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(catalogue).map(([key, value]) => [key, value[language]]));
}

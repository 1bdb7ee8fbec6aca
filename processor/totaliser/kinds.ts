import { flags } from "@caudal/core";
import { maskOf } from "../rules/reason-mask.ts";
import { judgementOf } from "../rules/rules.ts";

/** What a count is, seen from the last one that counts. Codes are kept in states: a number never changes its meaning. */
export const kinds = {
  plain: 0, first: 1, void: 2, jitter: 3, jump: 4,
  reset: 5, rollover: 6, swap: 7, truncated: 8, zero: 9, spike: 10, dip: 11, jumped: 12, ignored: 13, accepted: 14,
} as const;
export type KindCode = (typeof kinds)[keyof typeof kinds];

/** Added to a kind that a person said. */
export const SAID = 32;
export const isSaid = (kind: number): boolean => kind >= SAID;
export const bare = (kind: number): number => (kind >= SAID ? kind - SAID : kind);

/** Names of the kinds that are decisions: each is listed, and a person can confirm, correct or undo it. */
export const decisionNames = new Map<number, string>([
  [kinds.reset, "reset"], [kinds.rollover, "rollover"], [kinds.swap, "swap"], [kinds.truncated, "truncated"], [kinds.zero, "zero"], [kinds.spike, "spike"], [kinds.dip, "dip"],
  [kinds.jumped, "jump"], [kinds.ignored, "ignored"], [kinds.accepted, "accepted"],
]);

const told = (flag: number, ...reasons: readonly string[]): number => judgementOf(flag, maskOf(...reasons));
const { good, notEvaluated, suspect } = flags;
const NOTHING = told(notEvaluated);

const verdicts: readonly number[] = [
  told(good), told(notEvaluated, "no-neighbour"), NOTHING, told(suspect, "jitter", "total-decreased"), told(suspect, "jump"),
  told(suspect, "counter-reset", "estimated", "total-decreased"), told(suspect, "rollover"), told(good, "meter-swap"), told(suspect, "truncated", "total-decreased"),
  told(suspect, "zero-kept", "total-decreased"), told(suspect, "spike"), told(suspect, "spike", "total-decreased"), told(suspect, "jump"), told(suspect, "ignored"), told(good),
];
const said = new Map<number, number>([
  [kinds.reset, told(good, "counter-reset", "estimated")], [kinds.rollover, told(good, "rollover")], [kinds.swap, told(good, "meter-swap")], [kinds.ignored, told(suspect, "ignored")],
]);

/** Flag and reasons of a kind, packed as rules/rules.ts does: what the totaliser adds to what the rules say. */
export function verdictOf(kind: number): number {
  return (isSaid(kind) ? said.get(bare(kind)) : undefined) ?? verdicts[bare(kind)] ?? NOTHING;
}

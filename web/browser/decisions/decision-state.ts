import type { IconName } from "../ui/icons.tsx";
import type { Decision, SpokenWord } from "../wire/decision.ts";

/** Whose a decision is now: the machine's, one that follows from a person's word on a count before, a person's in one of three ways, or nobody's any more. */
export const decisionStates = ["open", "follows", "confirmed", "corrected", "undone", "said", "gone"] as const;
export type DecisionState = (typeof decisionStates)[number];

export const stateIcons: Readonly<Record<DecisionState, IconName>> = { open: "guess", follows: "right", confirmed: "good", corrected: "edit", undone: "reset", said: "person", gone: "missing" };

const byAsked: Readonly<Record<string, DecisionState>> = { confirm: "confirmed", correct: "corrected", undo: "undone" };

/** `said` alone where nobody kept who said it and how. */
export function stateOf(decision: Decision): DecisionState {
  if (decision.gone) return "gone";
  // Counts after one that a person called a fault are ignored too, until the counter is back.
  if (!decision.said) return decision.kind === "ignored" ? "follows" : "open";
  const word = heldWord(decision);
  return word === undefined ? "said" : (byAsked[word.asked] ?? "said");
}

/** The word that holds now; none where the last one took back what was said. */
export function heldWord({ words }: Decision): SpokenWord | undefined {
  const last = words.at(-1);
  return last === undefined || last.verdict === null ? undefined : last;
}

/** Kinds whose count was kept out of the volume: undoing one lets it count. */
const keptOut: ReadonlySet<string> = new Set(["truncated", "zero", "spike", "dip", "ignored"]);

/** What undoing says of the count: of what a person said, that it is taken back. */
export function undoingOf({ kind, said }: Pick<Decision, "kind" | "said">): "take-back" | "counts" | "fault" {
  if (said) return "take-back";
  return keptOut.has(kind) ? "counts" : "fault";
}

export const verdicts = ["reset", "rollover", "swap", "accept", "ignore"] as const;
export type Verdict = (typeof verdicts)[number];

/** What a verdict asks besides, as the API names it. */
export const verdictFields: Readonly<Record<Verdict, readonly ("modulus" | "finalCount" | "initialCount")[]>> = {
  reset: ["finalCount", "initialCount"], rollover: ["modulus"], swap: ["finalCount", "initialCount"], accept: [], ignore: [],
};

const known: ReadonlySet<string> = new Set(["reset", "rollover", "swap", "truncated", "zero", "spike", "dip", "jump", "ignored", "accepted"]);

/** Key of a kind's texts; a kind that a newer server knows has general ones. */
export function kindKey(kind: string): string {
  return known.has(kind) ? kind : "other";
}

import { settingsAt, usualModuli, wordVerdicts, type DecisionRecord, type PointPeriod, type WordChange, type WordVerdict } from "@caudal/core";
import { Problem } from "@caudal/runtime";
import { z } from "zod";

const count = z.number().min(0).max(1e15);

/** What a person says of a decision. */
export const verdictSchema = z.strictObject({
  verdict: z.enum(["confirm", "correct", "undo"]).describe("confirm: it is so. correct: it is something else, or with other counts. undo: it was not so; of what a person said: take that back."),
  as: z.enum(wordVerdicts).optional().describe("What the count is instead, with correct: reset, rollover, swap (between this count and the one before), accept (growth), ignore (a fault)."),
  modulus: z.number().positive().max(1e15).optional().describe("Counts after which the counter is at zero again; for a rollover."),
  finalCount: count.optional().describe("Last count of the meter or segment that went, where somebody read it."),
  initialCount: count.optional().describe("First count of the one that came; 0 when absent."),
  reason: z.string().trim().min(1).max(1000),
});
export type VerdictBody = z.output<typeof verdictSchema>;

/** What a decision's kind says, as a person's word. */
const confirming: Readonly<Record<string, WordVerdict>> = {
  reset: "reset", rollover: "rollover", swap: "swap", truncated: "ignore", zero: "ignore", spike: "ignore", dip: "ignore", ignored: "ignore", jump: "accept", accepted: "accept",
};

/** A guess of the modulus is one that the count before stood close to. */
const NEAR = 0.95;

interface Asked {
  readonly body: VerdictBody;
  readonly author: string;
  /** Of the point, since a rollover goes by its modulus. */
  readonly periods: readonly PointPeriod[];
}

/** The word that follows from what a person says of a decision; `verdict: null` takes back what was said before. Throws Problem "invalid-body". */
export function wordOf(decision: DecisionRecord, { body, author, periods }: Asked): WordChange {
  const { variable, instantUs: timeUs, said } = decision;
  const about = { variable, timeUs, author, reason: body.reason };
  if (body.verdict !== "correct" && body.as !== undefined) throw invalid("as", { en: "`as` goes with correct", es: "`as` va con correct" });
  if (body.verdict === "undo" && said) return { ...about, verdict: null };
  const verdict = body.verdict === "undo" ? undoing(decision) : body.verdict === "correct" ? corrected(decision, body) : confirmedAs(decision);
  const counts = { ...(body.finalCount === undefined ? {} : { finalCount: body.finalCount }), ...(body.initialCount === undefined ? {} : { initialCount: body.initialCount }) };
  if (Object.keys(counts).length > 0 && verdict !== "reset" && verdict !== "swap") throw invalid("finalCount", { en: `finalCount and initialCount are of a reset or a swap, not of ${verdict}`, es: `finalCount e initialCount son de un reset o un swap, no de ${verdict}` });
  if (verdict !== "rollover") {
    if (body.modulus !== undefined) throw invalid("modulus", { en: `modulus is of a rollover, not of ${verdict}`, es: `modulus es de un rollover, no de ${verdict}` });
    return { ...about, verdict, ...counts };
  }
  const modulus = body.modulus ?? settingsAt(periods, timeUs).counterModulus ?? guessed(decision);
  if (modulus === undefined) throw invalid("modulus", { en: "a rollover needs its modulus: no setting gives it and the count before is near no usual one", es: "un rollover necesita su modulus: ningún ajuste lo da y la cuenta anterior no está cerca de uno usual" });
  if (decision.baseline !== null && modulus < decision.baseline) throw invalid("modulus", { en: `modulus is ${modulus}; expected at least the count before, ${decision.baseline}`, es: `modulus es ${modulus}; se esperaba al menos la cuenta anterior, ${decision.baseline}` });
  return { ...about, verdict, modulus };
}

function confirmedAs({ kind }: DecisionRecord): WordVerdict {
  return confirming[kind] ?? "ignore";
}

/** What was taken in is a fault then; what was kept out counts. */
function undoing(decision: DecisionRecord): WordVerdict {
  const is = confirmedAs(decision);
  if (is !== "ignore") return "ignore";
  return decision.count !== null && decision.baseline !== null && decision.count < decision.baseline ? "reset" : "accept";
}

function corrected(decision: DecisionRecord, { as, modulus, finalCount, initialCount }: VerdictBody): WordVerdict {
  if (as !== undefined) return as;
  if (modulus !== undefined) return "rollover";
  if (finalCount !== undefined || initialCount !== undefined) return decision.kind === "swap" ? "swap" : "reset";
  throw invalid("as", { en: "correct says what it is: `as`, or the modulus, finalCount or initialCount", es: "correct indica qué es: `as`, o bien modulus, finalCount o initialCount" });
}

function guessed({ variable, baseline }: DecisionRecord): number | undefined {
  return baseline === null ? undefined : usualModuli(variable).find((modulus) => baseline < modulus && baseline >= NEAR * modulus);
}

function invalid(field: string, detail: { readonly en: string; readonly es: string }): Problem {
  const path = `body.${field}`;
  return new Problem("invalid-body", { field: path, detail, errors: [{ field: path, detail }], next: { en: "See postVerdict in /openapi.json.", es: "Vea postVerdict en /openapi.json." } });
}

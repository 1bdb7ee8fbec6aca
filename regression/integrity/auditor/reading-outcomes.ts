import type { ExpectedFact, Send } from "./expectation.ts";
import type { FactJudgement } from "./fact-judge.ts";
import { isSameValue } from "./units.ts";
import type { Outcome, ReadingVerdict } from "./verdict.ts";

/** What became of each reading of one fact, in the order of sending. */
export function outcomesOf({ instantUs, sends, mustStand }: ExpectedFact, { fault, where, standing }: FactJudgement, notArchived: ReadonlySet<number>): ReadingVerdict[] {
  const winner = winnerOf(sends, standing?.value);
  const blamed = winner === -1 ? sends.findLastIndex(({ message }) => message.outcome === "acknowledged") : winner;
  return sends.map((send, at): ReadingVerdict => {
    const faulty = fault !== undefined && (at === blamed || (!mustStand && at === sends.length - 1));
    if (faulty) return verdictOf(send, instantUs, fault, where);
    if (notArchived.has(send.message.seq)) return verdictOf(send, instantUs, "lost", ["archive"]);
    return verdictOf(send, instantUs, quietOutcome(sends, at, winner, standing !== undefined));
  });
}

/** The reading that stands: the first of the last run of equal values that is what the tiers show; -1 where none is. */
function winnerOf(sends: readonly Send[], value: number | null | undefined): number {
  if (value === undefined) return -1;
  const isIt = ({ value: sent }: Send): boolean => isSameValue(sent, value);
  let last = sends.findLastIndex((send) => isIt(send) && send.message.outcome === "acknowledged");
  if (last < 0) last = sends.findLastIndex(isIt);
  while (last > 0 && isIt(sends[last - 1]!)) last -= 1;
  return last;
}

function quietOutcome(sends: readonly Send[], at: number, winner: number, stands: boolean): Outcome {
  const { message, value } = sends[at]!;
  if (at === winner) return "stored";
  if (winner >= 0 && at > winner && isSameValue(value, sends[winner]!.value.value)) return "dropped:duplicate";
  if (message.outcome !== "acknowledged") return "not-taken";
  if (at > 0 && isSameValue(value, sends[at - 1]!.value.value)) return "dropped:duplicate";
  return stands ? "superseded" : "lost";
}

function verdictOf({ message: { seq, device }, key, sent }: Send, timeUs: number, outcome: Outcome, where?: readonly string[]): ReadingVerdict {
  return { seq, device, key, timeUs, value: sent, outcome, ...(where === undefined || where.length === 0 ? {} : { where }) };
}

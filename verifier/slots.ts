import type { WalkedChain } from "./chain.ts";
import { isWhole } from "./fields.ts";
import { timeText, type FindingList } from "./finding.ts";
import { jsonLines } from "./json-lines.ts";
import { linesOf, type PackFile } from "./pack-files.ts";
import { newSlot } from "./slot-rules.ts";

const HOUR_US = 3_600_000_000;

export interface Period {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Holds the list of slots against what the chain adds up to: standing, voucher, attempts, instants; and every slot of the period that the chain knows must be in it. */
export function checkSlots(file: PackFile, { chain, period, findings }: { readonly chain: WalkedChain; readonly period: Period; readonly findings: FindingList }): { readonly slots: number; readonly accepted: number } {
  const seen = new Set<number>();
  let before = -Infinity;
  let accepted = 0;
  for (const { line, value } of jsonLines(file, findings)) {
    const { slotUs } = value;
    if (!isWhole(slotUs)) {
      findings.add("line", file.name, { line, detail: "it is not a slot" });
      continue;
    }
    const place = { line, slot: timeText(slotUs) };
    if (slotUs <= before || slotUs < period.fromUs || slotUs >= period.toUs) findings.add("slot-order", file.name, { ...place, detail: "it is out of order, there twice, or outside the period" });
    before = slotUs;
    seen.add(slotUs);
    const known = chain.slots.get(slotUs) ?? newSlot();
    if (value["voucher"] !== known.voucher) findings.add("voucher", file.name, { ...place, detail: `the voucher is ${String(value["voucher"])}, and by the chain it is ${String(known.voucher)}` });
    const late = known.acceptedUs !== null && known.attempts > 0 && known.acceptedUs - slotUs > HOUR_US;
    const told = { standing: known.standing, attempts: known.attempts, acceptedUs: known.acceptedUs, version: known.version, lateRevisions: known.lateRevisions, late };
    for (const [name, is] of Object.entries(told)) if (value[name] !== is) findings.add("slot", file.name, { ...place, detail: `${name} is ${String(value[name])}, and by the chain it is ${String(is)}` });
    if (known.acceptedUs !== null) accepted++;
  }
  for (const slotUs of [...chain.slots.keys()].sort((a, b) => a - b)) {
    if (slotUs >= period.fromUs && slotUs < period.toUs && !seen.has(slotUs)) findings.add("slot-missing", file.name, { slot: timeText(slotUs), detail: "the chain knows the slot and the list does not have it" });
  }
  return { slots: seen.size, accepted };
}

/** Holds the list of attempts against the chain's, in its order, those of slots of the period. */
export function checkAttempts(file: PackFile, { chain, period, findings }: { readonly chain: WalkedChain; readonly period: Period; readonly findings: FindingList }): void {
  const due = chain.attempts.filter(({ fields: { slotUs } }) => isWhole(slotUs) && slotUs >= period.fromUs && slotUs < period.toUs);
  let at = 0;
  for (const { line, text } of linesOf(file)) {
    const attempt = due[at++];
    if (attempt === undefined) findings.add("attempt", file.name, { line, detail: "the chain has no such attempt" });
    else if (text !== attempt.text) findings.add("attempt", file.name, { line, slot: timeText(Number(attempt.fields["slotUs"])), detail: "the attempt is another one by the chain" });
  }
  if (at < due.length) findings.add("attempt-missing", file.name, { detail: `${due.length - at} attempts of the chain are not in the list` });
}

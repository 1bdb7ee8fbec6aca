import { createHash } from "node:crypto";
import { canonical } from "../../verifier/canonical.ts";
import { walkChain } from "../../verifier/chain.ts";
import { FindingList, type Finding } from "../../verifier/finding.ts";
import { checkRoots, type SignedHeads } from "../../verifier/roots.ts";
import type { Slot } from "../../verifier/slot-rules.ts";
import type { JudgedWork, JudgeInput, Tell } from "./judge-input.ts";
import { dayOf, DAY_MS } from "./regulator-day.ts";

/** A clock that is wrong by this at most puts an entry into the next day. */
const CLOCK_WRONG_MS = 15 * 60_000;
const ROOTS = "ledger/roots.ndjson";
type Signed = Pick<SignedHeads, "heads" | "absent">;

/** The verifier's own walk over the chain as it is exported, held against the heads that were signed. */
export function chainOf({ work, entries }: Pick<JudgedWork, "work" | "entries">, findings: FindingList, { heads, absent }: Signed = { heads: new Map(), absent: undefined }): ReadonlyMap<number, Slot> {
  return walkChain({ name: "ledger/chain.ndjson", chunks: function* () {
    for (const { entry } of entries) yield Buffer.from(`${canonical(entry)}\n`);
  } }, { work, heads, absent, rootsFile: ROOTS, findings }).slots;
}

/**
 * The verifier's own check of the signed roots and of where a work stood in them. Each of the regulator's days from the first entry's to the one before the last has a root, and what stood in the chain well before a day's
 * end is under it.
 */
export function judgeRoots({ work, roots, entries }: JudgedWork, { rootKey, endMs }: Pick<JudgeInput, "rootKey" | "endMs">, { find, count }: Pick<Tell, "find" | "count">): Signed {
  const findings = new FindingList();
  const signed = checkRoots({ name: ROOTS, chunks: function* () {
    for (const root of roots) yield Buffer.from(`${canonical(root)}\n`);
  } }, { work, key: rootKey, findings });
  for (const { fault, detail } of findings.list) find("root", `${work}: ${fault}: ${detail}`);
  count("roots of days, held against each chain", signed.roots);
  const seqOf = new Map([...signed.heads].map(([seq, { day }]) => [day, seq]));
  const days = new Set(roots.map(({ root }) => root.day));
  for (let day = dayOf(entries[0]?.writtenMs ?? Infinity); day < dayOf(endMs) - 1; day++) {
    const name = new Date(day * DAY_MS).toISOString().slice(0, 10);
    const least = entries.findLast(({ writtenMs }) => dayOf(writtenMs + CLOCK_WRONG_MS) <= day)?.entry.seq ?? 0;
    if (!days.has(name)) find("root", `${work}: ${name} has none`);
    // A head that several days share is remembered under the last of them.
    else if (least > 0 && Math.max(0, ...[...seqOf].filter(([other]) => other >= name).map(([, seq]) => seq)) < least) find("root", `${work}: entry ${least} is under no root from ${name} on`);
  }
  return signed;
}

/** Changes one byte in the middle of the exported chain; what the verifier finds. */
export function flippedByte({ work, entries }: Pick<JudgedWork, "work" | "entries">): { readonly seq: number; readonly found: readonly Finding[] } {
  const at = Math.floor(entries.length / 2);
  const findings = new FindingList();
  walkChain({ name: "ledger/chain.ndjson", chunks: function* () {
    for (const [index, { entry }] of entries.entries()) {
      const line = Buffer.from(`${canonical(entry)}\n`);
      const place = line.indexOf('"atUs":') + 9;
      if (index === at) line[place] = line[place] === 0x31 ? 0x32 : 0x31;
      yield line;
    }
  } }, { work, heads: new Map(), rootsFile: "ledger/roots.ndjson", findings });
  return { seq: entries[at]?.entry.seq ?? 0, found: findings.list };
}

/** A mark of what was judged, so that two runs of one seed can be held beside each other. */
export function digestOf({ works }: Pick<JudgeInput, "works">): string {
  const hash = createHash("sha256");
  for (const { work, entries } of works) hash.update(`${work} ${entries.at(-1)?.entry.hash ?? ""}\n`);
  return hash.digest("hex").slice(0, 16);
}

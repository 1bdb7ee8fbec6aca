import type { Evidence, LiveEvent, PointRef, TierEvidence } from "./evidence.ts";
import type { ExpectedFact } from "./expectation.ts";
import { judgeFact, type FactJudgement, type FactPlace, type Shown } from "./fact-judge.ts";
import type { Findings } from "./findings.ts";
import { LiveJudge } from "./live-judge.ts";
import { judgeDigests } from "./digest-judge.ts";
import { RollupFold } from "./rollup-fold.ts";
import { judgeRollups } from "./rollup-judge.ts";
import { compareFacts, TierCursor } from "./tier-cursor.ts";
import { isSameValue } from "./units.ts";

export interface PointAudit extends PointRef {
  readonly device: string;
  /** In order of (instant, variable). */
  readonly expected: readonly ExpectedFact[];
  readonly evidence: Evidence;
  readonly live: { readonly events: readonly LiveEvent[]; readonly completeFromUs: number } | undefined;
  readonly nowUs: number;
  readonly findings: Findings;
  /** Told of each expected fact, in order. */
  readonly onFact: (expected: ExpectedFact, judgement: FactJudgement) => Promise<void>;
}

/** A second fact of a reading is one with its value, this near. */
const TWIN_US = 1_000_000;

/** Compares a point's facts in all tiers with what must be there, in one pass in time order, and what was made of them: rollups, live, digests. */
export async function auditPoint(audit: PointAudit): Promise<void> {
  const { client, point, device, expected, evidence, findings, nowUs } = audit;
  const ref = { client, point };
  const cursors: TierCursor[] = [];
  for (const tier of evidence.tiers) cursors.push(await openCursor(tier, ref, audit));
  const pending = evidence.rollups === undefined ? [] : await evidence.rollups.pending(ref);
  const fold = new RollupFold(pending);
  const live = audit.live === undefined ? undefined : new LiveJudge(device, audit.live.events, audit.live.completeFromUs, findings);
  let next = 0;
  try {
    for (;;) {
      for (const cursor of cursors) if (cursor.needsFill) await cursor.fill();
      const at = leastOf([expected[next], ...cursors.map(({ head }) => head)]);
      if (at === undefined) break;
      const due = expected[next] !== undefined && compareFacts(expected[next]!, at) === 0 ? expected[next] : undefined;
      const place: FactPlace = { device, point, variable: at.variable, instantUs: at.instantUs };
      const shown: Shown[] = [];
      let doubled: string[] | undefined;
      for (const cursor of cursors) {
        const fact = cursor.head !== undefined && compareFacts(cursor.head, at) === 0 ? cursor.head : undefined;
        if (fact !== undefined) doubled = (await passOver(cursor, place, findings)) ? [...(doubled ?? []), cursor.tier.name] : doubled;
        shown.push({ tier: cursor.tier.name, floorUs: cursor.floorUs, mustFromUs: cursor.floorUs ?? nowUs - (cursor.tier.retentionUs ?? Infinity), fact });
      }
      let judgement = judgeFact(place, due, shown, findings, (value) => due === undefined && hasTwin(expected, next, place, value));
      if (doubled !== undefined) judgement = { ...judgement, fault: judgement.fault ?? "doubled", where: [...new Set([...judgement.where, ...doubled])] };
      if (judgement.standing !== undefined) fold.take(at.variable, at.instantUs, valueOf(due, judgement), judgement.standing.flag);
      live?.judge(place, due, judgement.standing);
      if (due === undefined) continue;
      next += 1;
      await audit.onFact(due, judgement);
    }
  } catch (error) {
    findings.add({ kind: "unreadable", where: "tiers", device, point, detail: String(error) });
    // What comes after cannot be judged, and nothing that was promised may be passed over in silence.
    for (; next < expected.length; next++) await audit.onFact(expected[next]!, { fault: expected[next]!.mustStand ? "lost" : undefined, where: ["tiers"], standing: undefined });
  } finally {
    for (const cursor of cursors) await cursor.close();
  }
  live?.finish(point);
  await judgeRollups({ device, ref, evidence, fold, findings });
  await judgeDigests({ device, ref, evidence, findings });
}

async function openCursor(tier: TierEvidence, ref: PointRef, { device, nowUs, findings }: PointAudit): Promise<TierCursor> {
  const floorUs = await tier.floorUs(ref);
  const highest = tier.retentionUs === null ? -Infinity : nowUs - tier.retentionUs;
  if (floorUs !== undefined && floorUs > highest) {
    findings.add({ kind: "floor-too-high", where: tier.name, device, point: ref.point, detail: "the floor lies above what the tier may have forgotten", expected: highest === -Infinity ? "none" : highest, found: floorUs });
  }
  return new TierCursor(tier, floorUs, tier.facts(ref));
}

/** Steps behind the fact; true when the tier shows it twice. */
async function passOver(cursor: TierCursor, place: FactPlace, findings: Findings): Promise<boolean> {
  let times = 0;
  do {
    cursor.step();
    times += 1;
    findings.look(`facts in ${cursor.tier.name}`);
    if (cursor.needsFill) await cursor.fill();
  } while (cursor.head !== undefined && compareFacts(cursor.head, place) <= 0);
  if (times > 1) findings.add({ kind: "doubled", where: cursor.tier.name, ...place, detail: `the tier shows it ${times} times, or out of order` });
  return times > 1;
}

function leastOf(heads: readonly ({ readonly instantUs: number; readonly variable: string } | undefined)[]): { readonly instantUs: number; readonly variable: string } | undefined {
  let least: { readonly instantUs: number; readonly variable: string } | undefined;
  for (const head of heads) if (head !== undefined && (least === undefined || compareFacts(head, least) < 0)) least = head;
  return least;
}

/** What was sent, where that is sure; rollups are folded from it, not from what a store says. */
function valueOf(expected: ExpectedFact | undefined, { standing }: FactJudgement): number | null {
  const [only, another] = expected?.finals ?? [];
  if (only === undefined || another !== undefined || !only.isExact) return standing?.value ?? null;
  return only.value;
}

function hasTwin(expected: readonly ExpectedFact[], next: number, { variable, instantUs }: FactPlace, value: number | null): boolean {
  const isTwin = (fact: ExpectedFact): boolean => fact.variable === variable && fact.finals.some((one) => isSameValue(one, value));
  for (let at = next - 1; at >= 0 && expected[at]!.instantUs >= instantUs - TWIN_US; at--) if (isTwin(expected[at]!)) return true;
  for (let at = next; at < expected.length && expected[at]!.instantUs <= instantUs + TWIN_US; at++) if (isTwin(expected[at]!)) return true;
  return false;
}

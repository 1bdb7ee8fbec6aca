import { judgeArchive, type ArchivedAt } from "./archive-judge.ts";
import type { DirectoryView } from "./directory-view.ts";
import type { Evidence, LiveEvent } from "./evidence.ts";
import { expectFacts, givesFacts, type ExpectedFact, type KnownMessage } from "./expectation.ts";
import type { Findings } from "./findings.ts";
import { auditPoint } from "./point-audit.ts";
import { outcomesOf } from "./reading-outcomes.ts";
import type { Outcome, ReadingVerdict } from "./verdict.ts";

export interface DeviceAudit {
  readonly client: string;
  readonly device: string;
  /** In the order of sending, each once. */
  readonly messages: readonly KnownMessage[];
  readonly archived: readonly ArchivedAt[] | undefined;
  readonly live: readonly LiveEvent[];
  readonly evidence: Evidence;
  readonly directory: DirectoryView;
  readonly nowUs: number;
  readonly findings: Findings;
  readonly notParked: ReadonlySet<number>;
  readonly tell: (verdict: ReadingVerdict) => Promise<void> | void;
}

/** Audits what became of everything that one device sent. */
export async function auditDevice(audit: DeviceAudit): Promise<void> {
  const { client, device, messages, archived, live, evidence, directory, nowUs, findings, tell } = audit;
  const notArchived = archived === undefined ? new Set<number>() : judgeArchive(device, messages, archived, findings);
  const expected = expectFacts(messages, (key) => directory.meaningOf(device, key));
  const byPoint = new Map<string | undefined, ExpectedFact[]>(directory.pointsOf(device).map((point) => [point, []]));
  for (const fact of expected) {
    const point = directory.pointOf(device, fact.sends[0]!.key);
    const known = byPoint.get(point);
    if (known === undefined) byPoint.set(point, [fact]);
    else known.push(fact);
  }
  for (const [point, facts] of byPoint) {
    const onFact = async (fact: ExpectedFact, judgement: Parameters<typeof outcomesOf>[1]): Promise<void> => {
      for (const verdict of outcomesOf(fact, judgement, notArchived)) await tell(verdict);
    };
    if (point === undefined) {
      await tellUnknown(facts, audit, onFact);
      continue;
    }
    const events = evidence.live === undefined ? undefined : { events: live.filter((event) => event.point === point), completeFromUs: evidence.live.completeFromUs };
    await auditPoint({ client, point, device, expected: facts, evidence, live: events, nowUs, findings, onFact });
  }
  for (const message of messages) await tellOthers(message, audit);
}

/** Readings of keys that the installation does not know at all. */
async function tellUnknown(facts: readonly ExpectedFact[], { device, findings }: DeviceAudit, onFact: (fact: ExpectedFact, judgement: Parameters<typeof outcomesOf>[1]) => Promise<void>): Promise<void> {
  for (const fact of facts) {
    const { seq } = fact.sends[0]!.message;
    if (fact.mustStand) findings.add({ kind: "lost", where: "directory", device, seq, key: fact.sends[0]!.key, variable: fact.variable, instantUs: fact.instantUs, detail: "acknowledged, and the installation does not know the device or its key" });
    await onFact(fact, { fault: fact.mustStand ? "lost" : undefined, where: ["directory"], standing: undefined });
  }
}

/** Readings that give no fact: refused, parked, dropped on purpose. */
async function tellOthers(message: KnownMessage, { notParked, tell }: DeviceAudit): Promise<void> {
  if (message.outcome !== "refused" && givesFacts(message)) return;
  const { seq, device, atUs, samples } = message;
  const outcome = quietOutcome(message, notParked);
  const where = outcome === "lost" ? { where: ["parked"] } : {};
  if (samples.length === 0) await tell({ seq, device, key: "", timeUs: atUs, value: null, outcome, ...where });
  for (const { key, timeUs, value } of samples) await tell({ seq, device, key, timeUs, value, outcome, ...where });
}

function quietOutcome({ seq, outcome, expect }: KnownMessage, notParked: ReadonlySet<number>): Outcome {
  if (outcome === "refused") return "refused";
  if (outcome === "unknown") return "not-taken";
  if (expect.startsWith("parked:")) return notParked.has(seq) ? "lost" : (expect as Outcome);
  if (expect.startsWith("dropped:")) return expect as Outcome;
  throw new TypeError(`message ${seq} is expected to be ${expect}: no such expectation`);
}

import { topics } from "@caudal/core";
import type { Codec } from "@caudal/schemas";
import type { ArchivedAt } from "../../integrity/auditor/archive-judge.ts";
import { auditDevice } from "../../integrity/auditor/device-audit.ts";
import { DirectoryView } from "../../integrity/auditor/directory-view.ts";
import type { KnownMessage } from "../../integrity/auditor/expectation.ts";
import { Findings } from "../../integrity/auditor/findings.ts";
import { judgeStrays } from "../../integrity/auditor/stray-judge.ts";
import type { Finding } from "../../integrity/auditor/verdict.ts";
import type { SimulatedPorts } from "../world/ports.ts";
import type { World } from "../world/world.ts";
import { CLIENT, type Devices } from "./devices.ts";
import { evidenceOf } from "./evidence.ts";

export interface Judgement {
  readonly readings: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  /** What else must hold and does not. */
  readonly broken: readonly string[];
}

export interface JudgeOptions {
  readonly world: World;
  readonly ports: SimulatedPorts;
  readonly codec: Codec;
  readonly devices: Devices;
  readonly nowUs: number;
}

/** The auditor's judgement of a run, from its truth and the stores' state, and conservation. */
export async function judge({ world, ports, codec, devices, nowUs }: JudgeOptions): Promise<Judgement> {
  const findings = new Findings(5);
  const fleet = { seed: devices.fleet.options.seed, client: CLIENT, devices: [...devices.fleet.devices()] };
  const messages = devices.sent.map(knownOf);
  const times = messages.flatMap(({ samples }) => samples.map(({ timeUs }) => timeUs));
  const span = { fromUs: Math.min(...times, nowUs), toUs: Math.max(...times, 0) + 1 };
  const evidence = evidenceOf({ world, ports, codec, span });
  const directory = await DirectoryView.open(fleet, evidence, findings);
  const archived = new Map<string, ArchivedAt[]>();
  const broken = [...unsettled(devices), ...conservation(world, codec)];
  try {
    for await (const batch of evidence.archive?.() ?? []) for (const one of batch) archived.set(one.device, [...(archived.get(one.device) ?? []), one]);
  } catch (error) {
    broken.push(`the archive cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const outcomes: Record<string, number> = {};
  let readings = 0;
  for (const { device } of fleet.devices) {
    await auditDevice({
      client: CLIENT, device, messages: messages.filter((message) => message.device === device), archived: archived.get(device) ?? [], live: [], evidence, directory, nowUs, findings,
      notParked: new Set(),
      tell: ({ outcome }) => {
        readings += 1;
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      },
    });
  }
  await judgeStrays(fleet, evidence, directory, findings);
  for await (const batch of evidence.parked?.() ?? []) {
    for (const { group, reason, device } of batch) findings.add({ kind: "parked-invented", where: "parked", device, detail: `${group} parked as ${reason}` });
  }
  return { readings, outcomes, findings: findings.examples, broken };
}

function knownOf({ message, outcome, attempts, sentAtUs }: Devices["sent"][number]): KnownMessage {
  const { seq, device, samples, expect } = message;
  return { seq, device, samples, expect, outcome, attempts, atUs: sentAtUs, transport: "http", follows: message.repeats ?? message.corrects ?? null };
}

/** Everything heals in the end, so everything must be acknowledged; what should be refused must be. */
function unsettled(devices: Devices): string[] {
  return devices.sent.flatMap(({ message: { seq, expect }, outcome }) => {
    if (outcome === "unknown") return [`message ${seq} was never settled`];
    const refused = expect.startsWith("parked:");
    return refused === (outcome === "refused") ? [] : [`message ${seq} is ${outcome}, and ${expect} was expected`];
  });
}

interface TallyLike {
  readonly in: number;
  readonly out: Readonly<Record<string, number>>;
}

/** In = out of every partition of mapping and judging, and as much came in as the log holds. */
function conservation(world: World, codec: Codec): string[] {
  const broken: string[] = [];
  const inOf = new Map<string, number>();
  for (const { id, fields } of world.documents.collections.get("processor-heads")?.all() ?? []) {
    const { group, topic, partition, offset, tally } = fields as { group: string; topic: string; partition: number; offset: number; tally: TallyLike };
    const out = Object.values(tally.out).reduce((sum, count) => sum + count, 0);
    if (tally.in !== out) broken.push(`${id}: ${tally.in} in, ${out} out (${JSON.stringify(tally.out)})`);
    const end = world.log.topic(topic).partitions[partition]?.nextOffset;
    if (offset !== end) broken.push(`${id}: stands at ${offset}, the partition ends at ${end}`);
    inOf.set(group, (inOf.get(group) ?? 0) + tally.in);
  }
  let samples = 0;
  for (const { records } of world.log.topic(topics.readings).partitions) {
    for (const { value } of records) {
      const decoded = codec.decode("Reading", value);
      samples += decoded.ok ? decoded.value.samples.length : 0;
    }
  }
  for (const { id, fields } of world.documents.collections.get("conservation-ledgers")?.all() ?? []) {
    const { tally } = fields as { tally: TallyLike };
    const out = Object.values(tally.out).reduce((sum, count) => sum + count, 0);
    if (tally.in !== out) broken.push(`${id}: ${tally.in} in, ${out} out (${JSON.stringify(tally.out)})`);
  }
  // Nothing is lost here, so nobody may say so.
  for (const { id, fields } of world.documents.collections.get("conservation-findings")?.all() ?? []) broken.push(`conservation alarms: ${id}: ${(fields as { detail: string }).detail}`);
  const mapped = inOf.get("processor-mapping") ?? 0;
  if (mapped !== samples) broken.push(`mapping counts ${mapped} samples in, the log holds ${samples}`);
  return broken;
}

import { rebuiltMeasurements, systemScope, type PointKey, type RowBlock, type SeriesTier } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import type { BackupPorts, BackupRun } from "./backup-ports.ts";
import type { PointDigests, WrittenFloors } from "./copy-facts.ts";
import { blockOf } from "./fact-frame.ts";
import type { Manifest } from "./manifest.ts";
import { readPart, type Frame } from "./part-file.ts";

const ORIGIN = "restore";
const WRITE_MEASUREMENTS = 2000;

/** Where a tier's facts of a point begin. */
interface Above {
  readonly tier: SeriesTier;
  readonly floorUs: number;
}

/** Writes all revisions into cold, and into hot and warm what lies above their floors. Resolves with the facts written into cold. */
export async function restoreFacts(into: BackupPorts, directory: string, manifest: Manifest, run: BackupRun): Promise<number> {
  const endedAtUs = Date.parse(manifest.endedAt) * 1000;
  // A store that is new to a tier of this kind counts as one that lost all: what follows is its refill.
  const losses = await Promise.all([into.hot, into.warm, into.cold].map(async ({ recovery }) => ({ recovery, loss: await recovery?.loss() })));
  const frames = readPart(directory, manifest.facts.part);
  let frame = await frames.next();
  let points = 0;
  let revisions = 0;
  try {
    // The digests name every point, in the order of the facts; a point without facts still has its floors.
    for await (const { header } of readPart(directory, manifest.digests.part)) {
      run.signal.throwIfAborted();
      const { client, point, floors } = header as PointDigests;
      const key = { client, point };
      const above = await raiseFloors(into, key, floors, endedAtUs);
      while (frame.done !== true && isOf(frame.value, key)) {
        revisions += await writeBlock(above, key, blockOf(frame.value).block);
        frame = await frames.next();
      }
      points += 1;
      run.progress({ done: points, total: manifest.facts.points, unit: "points" });
    }
  } finally {
    await frames.return(undefined);
  }
  for (const { recovery, loss } of losses) if (loss !== undefined) await recovery?.refilled(loss);
  return revisions;
}

function isOf({ header }: Frame, { client, point }: PointKey): boolean {
  const key = header as PointKey;
  return key.client === client && key.point === point;
}

/** The floors go first, so that a restore that ends early never claims what it does not hold. */
async function raiseFloors({ hot, warm, cold }: BackupPorts, key: PointKey, floors: WrittenFloors, endedAtUs: number): Promise<readonly Above[]> {
  const above: Above[] = [];
  for (const tier of [cold, warm, hot]) {
    const { retentionMs } = tier.capabilities;
    const begins = retentionMs === null ? -Infinity : endedAtUs - retentionMs * 1000;
    const written = floors[tier.name];
    const floorUs = written === undefined ? begins : (written ?? -Infinity);
    if (floorUs > -Infinity) await tier.raiseFloor(systemScope, key, floorUs);
    above.push({ tier, floorUs });
  }
  return above;
}

async function writeBlock(above: readonly Above[], key: PointKey, block: RowBlock): Promise<number> {
  let intoCold = 0;
  for (const { tier, floorUs } of above) {
    const { retentionMs, revisions } = tier.capabilities;
    // With this received time the floor of a new point begins where it stood; a tier that keeps everything takes any.
    const receivedAtUs = floorUs === -Infinity ? 0 : floorUs + (retentionMs ?? 0) * 1000;
    const measurements = rebuiltMeasurements(key, block, { origin: ORIGIN, receivedAtUs }).filter(({ instantUs }) => instantUs >= floorUs);
    for (let at = 0; at < measurements.length; at += WRITE_MEASUREMENTS) await write(tier, measurements.slice(at, at + WRITE_MEASUREMENTS));
    if (revisions === "all") intoCold += measurements.reduce((sum, { facts }) => sum + facts.length, 0);
  }
  return intoCold;
}

async function write(tier: SeriesTier, measurements: readonly Measurement[]): Promise<void> {
  const [failed] = (await tier.write(measurements)).failed;
  if (failed !== undefined) throw failed.error;
}

import { systemScope, type SeriesTier, type TierName } from "@caudal/core";
import { Codec } from "@caudal/schemas";
import type { Ports } from "../../../caudal/composition/ports.ts";
import type { Evidence, LiveEvidence, PointRef } from "../auditor/evidence.ts";
import { archivedReadings } from "./archive-evidence.ts";
import { directoryPoints, directoryRows } from "./directory-evidence.ts";
import { parkedEvents } from "./parked-evidence.ts";
import { rollupEvidence } from "./rollup-evidence.ts";
import { digestRows, tierEvidence } from "./tier-evidence.ts";

export interface PortsEvidenceOptions {
  /** What the live stream showed, when somebody listened. */
  readonly live?: LiveEvidence;
  /** Points that a store names itself; absent: those of the directory that it knows. */
  readonly pointsIn?: (tier: TierName) => readonly PointRef[];
}

/** Everything that the auditor asks of an installation, by its open ports. Nothing may write meanwhile, or what is under way looks lost. */
export async function portsEvidence(ports: Omit<Ports, "live">, { live, pointsIn }: PortsEvidenceOptions = {}): Promise<Evidence> {
  const { registry, log, documents, archive, hot, warm, cold } = ports;
  const codec = await Codec.open(registry);
  const tiers = [hot, warm, cold];
  return {
    directory: () => directoryRows(documents),
    tiers: tiers.map((tier) => tierEvidence(tier, (client) => (pointsIn === undefined ? listedPoints(tier, documents, client) : given(pointsIn(tier.name))))),
    archive: () => archivedReadings({ archive, log, codec }),
    parked: () => parkedEvents({ documents, log, codec }),
    rollups: await rollupEvidence({ documents, log }),
    digests: (point) => digestRows(tiers, point),
    ...(live === undefined ? {} : { live }),
  };
}

async function* given(points: readonly PointRef[]): AsyncGenerator<PointRef> {
  yield* points;
}

/** Other clients under which a point is looked for. */
const MOST_OTHERS = 8;

/** Points of a client that the directory lists and the tier knows, also where they stand under another client. */
async function* listedPoints(tier: SeriesTier, documents: Ports["documents"], client: string): AsyncGenerator<PointRef> {
  const clients = new Set([client]);
  for await (const { client: other } of directoryPoints(documents)) if (clients.size <= MOST_OTHERS) clients.add(other);
  for await (const { client: owner, point } of directoryPoints(documents)) {
    if (owner !== client) continue;
    for (const each of clients) if ((await tier.floor(systemScope, { client: each, point })) !== undefined) yield { client: each, point };
  }
}

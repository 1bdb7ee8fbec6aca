import { CaudalError, faultOf, partitionOf, type WriteResult } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";

/** Bounds of what one entry of a log takes; a document may have 16 MB. */
const PART_FACTS = 16_384;
const PART_BYTES = 4 * 1024 * 1024;
const FACT_BYTES = 32;
/** Points whose lane is remembered; it is quickly found again. */
const MAX_KNOWN = 100_000;

/** Which lane a point is in, for ever. */
export class LaneNumbers {
  readonly count: number;
  readonly #known = new Map<string, number>();

  constructor(count: number) {
    this.count = count;
  }

  of(point: string): number {
    const known = this.#known.get(point);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    const lane = partitionOf(point, this.count);
    this.#known.set(point, lane);
    return lane;
  }
}

/** Measurements of one lane that go into one entry. */
export interface BatchPart {
  readonly lane: number;
  readonly indexes: readonly number[];
}

interface OpenPart {
  readonly indexes: number[];
  facts: number;
  bytes: number;
}

/** Cuts a batch by lanes and sizes; what cannot be stored is told by index instead. */
export function partsOf(batch: readonly Measurement[], lanes: LaneNumbers): { readonly parts: readonly BatchPart[]; readonly failed: WriteResult["failed"] } {
  const failed: { index: number; error: Error }[] = [];
  const open = Array.from({ length: lanes.count }, (): OpenPart[] => []);
  batch.forEach((measurement, index) => {
    const bytes = measurement.facts.length === 0 ? 0 : bytesOf(measurement);
    const fault = faultOf(measurement);
    if (fault !== undefined) failed.push({ index, error: new CaudalError("bad-request", fault) });
    else if (bytes > PART_BYTES) failed.push({ index, error: new CaudalError("too-large", `the measurement's facts take more than ${PART_BYTES} bytes`) });
    else if (bytes > 0) {
      add(open[lanes.of(measurement.point)]!, index, measurement.facts.length, bytes);
    }
  });
  return { parts: open.flatMap((parts, lane) => parts.map(({ indexes }) => ({ lane, indexes }))), failed };
}

function add(parts: OpenPart[], index: number, facts: number, bytes: number): void {
  let part = parts.at(-1);
  if (part === undefined || part.facts + facts > PART_FACTS || part.bytes + bytes > PART_BYTES) parts.push((part = { indexes: [], facts: 0, bytes: 0 }));
  part.indexes.push(index);
  part.facts += facts;
  part.bytes += bytes;
}

/** At most what the measurement takes in an entry. */
function bytesOf({ client, point, facts }: Measurement): number {
  let bytes = 3 * (client.length + point.length) + facts.length * FACT_BYTES;
  for (const { variable, reasons } of facts) {
    if (variable.length > FACT_BYTES) bytes += 3 * variable.length;
    for (const reason of reasons) bytes += 3 * reason.length + 3;
  }
  return bytes;
}

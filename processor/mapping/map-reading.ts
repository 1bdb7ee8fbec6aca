import type { MappedSample, PointEvent, Reading } from "@caudal/schemas";
import { eventKinds } from "../events.ts";
import type { Tally } from "@caudal/runtime";
import type { Mapping } from "./mapping.ts";
import { Placing, takeSample, type Admit } from "./map-sample.ts";

/** Where a record stands. */
export interface Place {
  readonly partition: number;
  readonly offset: number;
}

/** A reading and its place. */
export interface Located {
  readonly reading: Reading;
  readonly place: Place;
}

/**
 * The point events of one reading, one a point; every sample is counted by what became of it, and beside that for each point that its key feeds
 * besides its own.
 */
export function mapReading(located: Located, mapping: Mapping, admit: Admit, tally: Tally): PointEvent[] {
  const { reading } = located;
  const placing = new Placing();
  let mapped = 0;
  let unmapped = 0;
  let duplicate = 0;
  for (const sample of reading.samples) {
    const outcome = takeSample(sample, reading, mapping, admit);
    if (outcome.kind === "keep" && outcome.value !== undefined) {
      mapped++;
      const { own, timeUs } = outcome.value;
      placing.put(outcome.value, own.alone);
      if (mapping.fans) placing.put(outcome.value, mapping.fedAt(sample.key, timeUs));
    } else if (outcome.kind === "divert") unmapped++;
    else if (outcome.kind === "drop" && outcome.why === "duplicate") duplicate++;
    else if (outcome.kind === "drop") tally.went("dropped", 1, outcome.why);
  }
  tally.came(reading.samples.length);
  tally.went("mapped", mapped);
  tally.fed(placing.count - mapped);
  tally.went("unmapped", unmapped);
  tally.went("dropped", duplicate, "duplicate");
  const events: PointEvent[] = [];
  for (const [point, placed] of placing.points()) events.push(samplesEvent(located, point, placed));
  return events;
}

function samplesEvent({ reading, place }: Located, point: string, { channel, samples }: { readonly channel: string; readonly samples: MappedSample[] }): PointEvent {
  return {
    eventId: `${reading.eventId}/${point}`,
    client: reading.client,
    point,
    kind: eventKinds.samples,
    device: reading.device,
    channel,
    source: reading.source,
    transport: reading.transport,
    observedAtUs: reading.observedAtUs,
    receivedAtUs: reading.receivedAtUs,
    causeId: reading.eventId,
    causePartition: place.partition,
    causeOffset: place.offset,
    samples,
    withdrawn: [],
    body: null,
    labels: reading.labels,
  };
}

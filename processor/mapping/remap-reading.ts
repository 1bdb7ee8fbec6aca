import type { MappedSample, PointEvent, Withdrawal } from "@caudal/schemas";
import { changeIdOf, eventKinds } from "../events.ts";
import type { RemapProgress } from "./device-state.ts";
import type { Located } from "./map-reading.ts";
import { sameMeaning, type CompiledEntry, type Mapping } from "./mapping.ts";
import { mapSample, type Admit } from "./map-sample.ts";
import { readValue } from "./sample-value.ts";
import { instantOf } from "./sample-time.ts";

interface Change {
  readonly channel: string;
  readonly samples: MappedSample[];
  readonly withdrawn: Withdrawal[];
}

/** True when a variable that a key gave until now comes from another key from now on: its old facts must go before the new ones come. */
export function needsWithdrawPhase(before: Mapping, after: Mapping): boolean {
  return before.entries.some((old) => after.entries.some((entry) => entry.key !== old.key && entry.point === old.point && entry.variable === old.variable));
}

/**
 * What a change makes of one reading of the past: nothing for keys that mean what they meant; else the old fact is withdrawn where the
 * same reading gives no new one in its place, and the sample is mapped anew.
 */
export function remapReading(located: Located, before: Mapping, remap: RemapProgress, admit: Admit): PointEvent[] {
  const { reading } = located;
  const changes = new Map<string, Change>();
  const changeAt = (point: string, channel: string): Change => {
    let change = changes.get(point);
    if (change === undefined) changes.set(point, (change = { channel, samples: [], withdrawn: [] }));
    return change;
  };
  const old: { readonly compiled: CompiledEntry; readonly timeUs: number }[] = [];
  for (const sample of reading.samples) {
    const timeUs = instantOf(sample, reading);
    const compiled = before.at(sample.key, timeUs);
    if (sameMeaning(compiled, remap.mapping.at(sample.key, timeUs)) || readValue(sample.value).kind !== "keep") continue;
    if (compiled !== undefined && compiled.entry.ignored !== true) old.push({ compiled, timeUs });
    if (remap.phase === "withdraw") continue;
    const outcome = mapSample(sample, reading, remap.mapping, admit);
    if (outcome.kind === "keep" && outcome.value !== undefined) {
      const { entry, sample: placed } = outcome.value;
      changeAt(entry.point, entry.channel).samples.push(placed);
    }
  }
  if (remap.phase === "withdraw" || remap.inline) {
    for (const { compiled: { entry }, timeUs } of old) {
      if (remap.phase === "map" && stands(remap.mapping, entry.point, entry.variable)) continue;
      changeAt(entry.point, entry.channel).withdrawn.push({ variable: entry.variable, timeUs });
    }
  }
  return [...changes].map(([point, change]) => remapEvent(located, remap, point, change));
}

/** True when some key still gives the variable: then its samples come anew at the same instants. */
function stands(mapping: Mapping, point: string, variable: string): boolean {
  return mapping.entries.some((entry) => entry.point === point && entry.variable === variable && entry.ignored !== true);
}

function remapEvent({ reading, place }: Located, remap: RemapProgress, point: string, { channel, samples, withdrawn }: Change): PointEvent {
  const { client, device } = reading;
  const causeId = changeIdOf(client, device, remap.mapping.version, remap.phase);
  return {
    eventId: `${reading.eventId}/${point}@${remap.mapping.version}.${remap.phase}`,
    client, point, kind: eventKinds.remap, device, channel,
    source: reading.source,
    transport: reading.transport,
    observedAtUs: reading.observedAtUs,
    // What follows from the change is known since the change.
    receivedAtUs: remap.changedAtUs,
    causeId,
    causePartition: place.partition,
    causeOffset: place.offset,
    samples, withdrawn, body: null,
    labels: reading.labels,
  };
}

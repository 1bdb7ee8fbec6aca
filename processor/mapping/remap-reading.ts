import type { MappedSample, PointEvent, Withdrawal } from "@caudal/schemas";
import { changeIdOf, eventKinds } from "../events.ts";
import type { RemapProgress } from "./device-state.ts";
import type { Located } from "./map-reading.ts";
import type { Mapping } from "./mapping.ts";
import type { MappingChange } from "./mapping-change.ts";
import { Placing, type Admit } from "./map-sample.ts";
import { readValue } from "./sample-value.ts";
import { instantOf, timeReasons } from "./sample-time.ts";

/** True when a variable that a key gave until now comes from another key from now on: its old facts must go before the new ones come. */
export function needsWithdrawPhase(before: Mapping, after: Mapping): boolean {
  const keys = new Map<string, Set<string>>();
  for (const { key, point, variable } of [...after.entries, ...after.feeds]) {
    const place = `${point} ${variable}`;
    keys.set(place, (keys.get(place) ?? new Set()).add(key));
  }
  return [...before.entries, ...before.feeds].some(({ key, point, variable }) => {
    const now = keys.get(`${point} ${variable}`);
    return now !== undefined && now.size > (now.has(key) ? 1 : 0);
  });
}

/**
 * What a change makes of one reading of the past: nothing for keys that mean what they meant; else the old fact is withdrawn where the
 * same sample gives no new one in its place, and the sample is mapped anew.
 */
export function remapReading(located: Located, change: MappingChange, remap: RemapProgress, admit: Admit): PointEvent[] {
  const { reading } = located;
  const placing = new Placing();
  const withdrawn = new Map<string, { readonly channel: string; readonly withdrawn: Withdrawal[] }>();
  for (const sample of reading.samples) {
    const timeUs = instantOf(sample, reading);
    const { gone, come } = change.at(sample.key, timeUs);
    if (gone.length === 0 && come.length === 0) continue;
    const number = readValue(sample.value);
    if (number.kind !== "keep") continue;
    if (remap.phase === "withdraw" || remap.inline) {
      const stands = new Set(remap.phase === "withdraw" ? [] : come.map(({ entry }) => `${entry.point} ${entry.variable}`));
      for (const { entry: { point, channel, variable } } of gone) {
        if (stands.has(`${point} ${variable}`)) continue;
        const known = withdrawn.get(point);
        if (known === undefined) withdrawn.set(point, { channel, withdrawn: [{ variable, timeUs }] });
        else known.withdrawn.push({ variable, timeUs });
      }
    }
    if (remap.phase === "withdraw" || come.length === 0 || !admit(sample.key, timeUs, number.value)) continue;
    placing.put({ sample, number: number.value, timeUs, reasons: timeReasons(sample, reading) }, come);
  }
  const events: PointEvent[] = [];
  for (const [point, { channel, samples }] of placing.points()) {
    events.push(remapEvent(located, remap, point, { channel, samples, withdrawn: withdrawn.get(point)?.withdrawn ?? [] }));
    withdrawn.delete(point);
  }
  for (const [point, { channel, withdrawn: only }] of withdrawn) events.push(remapEvent(located, remap, point, { channel, samples: [], withdrawn: only }));
  return events;
}

interface Change {
  readonly channel: string;
  readonly samples: MappedSample[];
  readonly withdrawn: Withdrawal[];
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

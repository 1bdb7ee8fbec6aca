import type { MappedSample, PointEvent, Reading, Sample } from "@caudal/schemas";
import { eventKinds, stepOfChange } from "../events.ts";
import type { DeviceProgress } from "../judging/point-state.ts";
import { placeSample, takeSample } from "../mapping/map-sample.ts";
import type { Mapping } from "../mapping/mapping.ts";
import { instantOf } from "../mapping/sample-time.ts";
import type { InForce } from "./known-states.ts";

/** True when the event was made by the mapping in force: of a device whose past was mapped anew, only what came with or after the last time. */
export function isByMappingInForce({ kind, causeId, causeOffset }: PointEvent, progress: DeviceProgress | undefined): boolean {
  if (causeOffset < 0) return false;
  const { remapStep = 0, remapOffset = -1 } = progress ?? {};
  if (kind === eventKinds.samples) return remapStep === 0 || causeOffset > remapOffset;
  return kind === eventKinds.remap && stepOfChange(causeId) === remapStep;
}

/**
 * The event with its samples mapped again from the reading that it came from, by the mapping in force. Which samples the event has is left as it
 * was: what mapping knew already when the reading came is known to its event alone. A sample that the reading does not have, or that the
 * mapping puts on another point, stays as it was mapped.
 */
export function mappedAgain(event: PointEvent, reading: Reading, { mapping, otherwise }: InForce): { readonly event: PointEvent; readonly changed: number } {
  let changed = 0;
  const used = new Set<Sample>();
  const samples = event.samples.map((known): MappedSample => {
    const source = reading.samples.find((sample) => !used.has(sample) && sample.key === known.key && instantOf(sample, reading) === known.timeUs);
    if (source === undefined) return known;
    used.add(source);
    const again = placed(source, reading, mapping, event.point);
    if (again === undefined || same(again, known)) return known;
    const either = placed(source, reading, otherwise, event.point);
    if (either !== undefined && same(either, known)) return known;
    changed += 1;
    return again;
  });
  return changed === 0 ? { event, changed } : { event: { ...event, samples }, changed };
}

function placed(sample: Sample, reading: Reading, mapping: Mapping, point: string): MappedSample | undefined {
  const outcome = takeSample(sample, reading, mapping, () => true);
  if (outcome.kind !== "keep" || outcome.value === undefined) return undefined;
  const place = [outcome.value.own, ...mapping.fedAt(sample.key, outcome.value.timeUs)].find(({ entry }) => entry.point === point);
  return place === undefined ? undefined : placeSample(outcome.value, place);
}

function same(a: MappedSample, b: MappedSample): boolean {
  return a.variable === b.variable && a.value === b.value && a.timeFrom === b.timeFrom && a.reasons.length === b.reasons.length && a.reasons.every((reason, index) => reason === b.reasons[index]);
}

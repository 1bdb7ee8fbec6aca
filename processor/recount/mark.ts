import { randomUUID } from "node:crypto";
import type { PointKey } from "@caudal/core";
import type { Measurement, PointEvent } from "@caudal/schemas";
import { eventKinds } from "../events.ts";
import { reasonsOf } from "../rules/reason-mask.ts";
import { flagOf, reasonMaskOf } from "../rules/rules.ts";
import type { PackedFacts } from "./packed-facts.ts";

const SOURCE = "recount";

/** An event without facts: what a recount finds is known since it, and whatever comes after it is known later. */
export function markEvent({ client, point, nowUs, id = randomUUID() }: PointKey & { readonly nowUs: number; readonly id?: string }): PointEvent {
  return {
    eventId: id, client, point, kind: eventKinds.recount, device: "", channel: "", source: SOURCE, transport: SOURCE, observedAtUs: null, receivedAtUs: nowUs,
    causeId: id, causePartition: -1, causeOffset: -1, samples: [], withdrawn: [], body: null, labels: {},
  };
}

/** What a recount found otherwise, one measurement an instant, known since its mark. */
export function* foundMeasurements(found: PackedFacts, { eventId, client, point, receivedAtUs }: PointEvent, knownAtUs: number): Generator<Measurement> {
  for (const { timeUs, facts } of found.byInstant()) {
    yield {
      eventId: `${eventId}@${timeUs}`, client, point, device: "", channel: "", source: SOURCE, transport: SOURCE, instantUs: timeUs, observedAtUs: null, receivedAtUs, authority: 0, knownAtUs, causeId: eventId,
      facts: facts.map(({ variable, value, judgement }) => ({ variable, value: Number.isNaN(value) ? null : value, flag: flagOf(judgement), reasons: [...reasonsOf(reasonMaskOf(judgement))] })), labels: {},
    };
  }
}

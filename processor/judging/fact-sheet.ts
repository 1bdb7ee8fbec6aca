import { flags, type Correction } from "@caudal/core";
import type { Fact, Measurement, PointEvent } from "@caudal/schemas";
import { maskOf, reasonsOf } from "../rules/reason-mask.ts";
import { flagOf, judgementOf, reasonMaskOf } from "../rules/rules.ts";

/** Judgement of what is taken back. */
export const WITHDRAWN = judgementOf(flags.notEvaluated, maskOf("withdrawn"));

/** What a person said, as facts that only a person outdoes; one measurement an instant. */
export function correctedMeasurements(event: PointEvent, { variable, timesUs, value, author, reason }: Correction, knownAtUs: number): Measurement[] {
  const fact: Fact = value === null ? { variable, value, flag: flags.notEvaluated, reasons: ["withdrawn"] } : { variable, value, flag: flags.good, reasons: ["corrected"] };
  const { eventId, client, point, device, channel, source, transport, observedAtUs, receivedAtUs } = event;
  return timesUs.map((instantUs) => ({
    eventId: `${eventId}@${instantUs}.corrected`, client, point, device, channel, source, transport, instantUs, observedAtUs, receivedAtUs, authority: 1, knownAtUs, causeId: eventId,
    facts: [fact], labels: { author, reason },
  }));
}

/** Where judging writes what it tells of instants. */
export interface Sheet {
  /** Facts on the sheet that samples gave. */
  readonly facts: number;
  /** Facts on the sheet that were computed from those. */
  readonly derived: number;
  has(timeUs: number, variable: string): boolean;
  set(timeUs: number, variable: string, value: number, judgement: number): void;
  /** A fact of a variable that no source gives. */
  derive(timeUs: number, variable: string, value: number, judgement: number): void;
}

/** The facts that one event gives, by instant; what is said last of a variable at an instant holds. */
export class FactSheet implements Sheet {
  readonly #byInstant = new Map<number, Fact[]>();
  #facts = 0;
  #derived = 0;

  /** Facts on the sheet that samples gave. */
  get facts(): number {
    return this.#facts;
  }

  /** Facts on the sheet that were computed from those. */
  get derived(): number {
    return this.#derived;
  }

  has(timeUs: number, variable: string): boolean {
    return this.#byInstant.get(timeUs)?.some((fact) => fact.variable === variable) === true;
  }

  set(timeUs: number, variable: string, value: number, judgement: number): void {
    if (this.#put(timeUs, variable, value, judgement)) this.#facts++;
  }

  /** A fact of a variable that no source gives. */
  derive(timeUs: number, variable: string, value: number, judgement: number): void {
    if (this.#put(timeUs, variable, value, judgement)) this.#derived++;
  }

  #put(timeUs: number, variable: string, value: number, judgement: number): boolean {
    const fact: Fact = { variable, value: Number.isNaN(value) ? null : value, flag: flagOf(judgement), reasons: reasonsOf(reasonMaskOf(judgement)) };
    const facts = this.#byInstant.get(timeUs);
    if (facts === undefined) this.#byInstant.set(timeUs, [fact]);
    else {
      const index = facts.findIndex((other) => other.variable === variable);
      if (index >= 0) {
        facts[index] = fact;
        return false;
      }
      facts.push(fact);
    }
    return true;
  }

  /** One measurement an instant, all with the event's revision. */
  measurements(event: PointEvent, knownAtUs: number): Measurement[] {
    // Of one instant alone there is nothing to tell apart.
    const own = this.#byInstant.size === 1 && event.samples.length > 0 ? undefined : new Set(event.samples.map((sample) => sample.timeUs));
    return [...this.#byInstant].map(([instantUs, facts]) => ({
      eventId: `${event.eventId}@${instantUs}`,
      client: event.client,
      point: event.point,
      device: event.device,
      channel: event.channel,
      source: event.source,
      transport: event.transport,
      instantUs,
      observedAtUs: event.observedAtUs,
      receivedAtUs: event.receivedAtUs,
      authority: 0,
      knownAtUs,
      causeId: event.eventId,
      facts,
      // What is judged again beside it is not what the labels speak of.
      labels: own === undefined || own.has(instantUs) ? event.labels : {},
    }));
  }
}

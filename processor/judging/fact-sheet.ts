import type { Fact, Measurement, PointEvent } from "@caudal/schemas";
import { reasonsOf } from "../rules/reason-mask.ts";
import { flagOf, reasonMaskOf } from "../rules/rules.ts";

/** The facts that one event gives, by instant; what is said last of a variable at an instant holds. */
export class FactSheet {
  readonly #byInstant = new Map<number, Fact[]>();
  #facts = 0;

  /** Facts on the sheet. */
  get facts(): number {
    return this.#facts;
  }

  set(timeUs: number, variable: string, value: number, judgement: number): void {
    const fact: Fact = { variable, value: Number.isNaN(value) ? null : value, flag: flagOf(judgement), reasons: reasonsOf(reasonMaskOf(judgement)) };
    const facts = this.#byInstant.get(timeUs);
    if (facts === undefined) this.#byInstant.set(timeUs, [fact]);
    else {
      const index = facts.findIndex((other) => other.variable === variable);
      if (index >= 0) {
        facts[index] = fact;
        return;
      }
      facts.push(fact);
    }
    this.#facts++;
  }

  /** One measurement an instant, all with the event's revision. */
  measurements(event: PointEvent, knownAtUs: number): Measurement[] {
    // Of one instant alone there is nothing to tell apart.
    const own = this.#byInstant.size === 1 ? undefined : new Set(event.samples.map((sample) => sample.timeUs));
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

import type { Measurement } from "@caudal/schemas";
import { systemScope, type SeriesTier } from "@caudal/core";

export interface SampleSpec {
  readonly client: string;
  readonly point: string;
  readonly instantUs: number;
  readonly flow: number;
  readonly knownAtUs?: number;
}

/** A measurement of one fact, for the tests of this folder. */
export function sample({ client, point, instantUs, flow, knownAtUs = instantUs }: SampleSpec): Measurement {
  return {
    eventId: `${point}/${instantUs}/${knownAtUs}`, client, point, device: "", channel: "", source: "test", transport: "test", instantUs, observedAtUs: null,
    receivedAtUs: instantUs, authority: 0, knownAtUs, causeId: "", labels: {}, facts: [{ variable: "flow", value: flow, flag: 1, reasons: [] }],
  };
}

/** Flow by instant of all that a tier has of a point; fails where an instant comes twice. */
export async function flowsOf(tier: SeriesTier, client: string, point: string): Promise<Map<number, number>> {
  const flows = new Map<number, number>();
  for await (const block of tier.read(systemScope, { client, point, fromUs: -Infinity, toUs: Infinity })) {
    const { values } = block.columns.find(({ variable }) => variable === "flow")!;
    block.timesUs.forEach((timeUs, row) => {
      if (flows.has(timeUs)) throw new Error(`${point} has instant ${timeUs} twice`);
      flows.set(timeUs, values[row]!);
    });
  }
  return flows;
}

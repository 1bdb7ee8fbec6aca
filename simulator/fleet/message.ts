/** A number that a device says, exactly as it is written in the payload: at most 15 significant digits. */
export interface SimulatedSample {
  readonly key: string;
  /** The device's own time, whole milliseconds, in microseconds since 1970. */
  readonly timeUs: number;
  readonly value: number;
}

/** What is to become of a message: stored, kept aside, or let go on purpose, with the pipeline's word for why. */
export type Expectation = "stored" | `parked:${string}` | `dropped:${string}`;

/** One message of one device, as it is sent. */
export interface FleetMessage {
  /** From 1, in the order of sending. */
  readonly seq: number;
  /** Its device's place in the fleet, from 0. */
  readonly index: number;
  readonly client: string;
  readonly device: string;
  /** When it is sent, on the simulated clock. */
  readonly atUs: number;
  readonly samples: readonly SimulatedSample[];
  /** The message whose samples these are once more. */
  readonly repeats?: number;
  /** The message of which this one says a value anew. */
  readonly corrects?: number;
  /** Troubles that it shows. */
  readonly kinds: readonly string[];
  readonly expect: Expectation;
  /** The payload where it is not made of the samples. */
  readonly raw?: string;
}

/** The message that has to be settled before this one may be sent: else the order of arrival would be nobody's. */
export function waitsFor({ repeats, corrects }: FleetMessage): number | undefined {
  return repeats ?? corrects;
}

/** The row as JSON without a break. `device` names the device in it, where neither topic nor folder does. */
export function payloadOf(message: FleetMessage, { device = false }: { readonly device?: boolean } = {}): string {
  const { raw, samples } = message;
  const name = device ? `"device_id":${JSON.stringify(message.device)},` : "";
  if (raw !== undefined) return raw.replace("{", `{${name}`);
  const values = samples.map(({ key, value }) => `${JSON.stringify(key)}:${value}`).join(",");
  return `{${name}"ts":${(samples[0]?.timeUs ?? 0) / 1000},${values}}`;
}

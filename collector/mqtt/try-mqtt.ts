import { formatInstant } from "@caudal/core";
import type { MappingTable } from "./mapping-table.ts";
import { decodeMqtt, type MqttMessage } from "./decode-mqtt.ts";

/** What a message would give, in a form that prints as JSON. */
export interface TriedMessage {
  readonly topic: string;
  /** Null: no mapping fits, and the message would be left alone. */
  readonly mapping: string | null;
  readonly readings: readonly TriedReading[];
  readonly parked: readonly { readonly reason: string; readonly detail: string; readonly field?: string }[];
  readonly dropped: readonly string[];
  readonly presence?: Said;
  /** Where one message tells of several: births, joins and deaths. */
  readonly said?: readonly Said[];
}

interface Said {
  readonly client: string | null;
  readonly device: string;
  readonly is: "online" | "offline";
}

export interface TriedReading {
  /** Null: the reading names none; it goes to the client that has the device, else to the default. */
  readonly client: string | null;
  readonly device: string;
  readonly source: string;
  readonly time: string | null;
  readonly samples: readonly { readonly key: string; readonly value: number | string | boolean | null; readonly unit: string | null; readonly time: string | null }[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Shows the readings that the mappings would give for a message, without any effect: `caudal mqtt try`. */
export function tryMqtt(mappings: MappingTable, message: MqttMessage): TriedMessage {
  const outcome = decodeMqtt(mappings, message);
  const topic = outcome.kind === "unmapped" ? message.topic : outcome.origin;
  if (outcome.kind === "unmapped") return { topic, mapping: null, readings: [], parked: [], dropped: [] };
  if (outcome.kind === "presence") {
    return { topic, mapping: outcome.mapping, readings: [], parked: [], dropped: [], presence: { client: outcome.client ?? null, device: outcome.device, is: outcome.word } };
  }
  const time = (timeUs: number | null): string | null => (timeUs === null ? null : formatInstant(timeUs));
  return {
    topic,
    mapping: outcome.mapping,
    readings: outcome.readings.map(({ device, row, labels }) => ({
      client: outcome.client ?? null, device, source: outcome.source, time: time(row.observedAtUs),
      samples: row.samples.map(({ key, value, unit, timeUs }) => ({ key, value, unit, time: time(timeUs) })),
      labels: { ...row.labels, ...labels },
    })),
    parked: outcome.refused.map(({ refusal: { why, detail, field } }) => ({ reason: why, detail, ...(field === undefined ? {} : { field }) })),
    ...(outcome.words.length === 0 ? {} : { said: outcome.words.map(({ device, word }) => ({ client: outcome.client ?? null, device, is: word })) }),
    dropped: Array<string>(outcome.dropped).fill("retained-without-time"),
  };
}

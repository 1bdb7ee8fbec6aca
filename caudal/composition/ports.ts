import type { Documents, EventLog, LiveChannel, SchemaRegistry, SegmentStore, SeriesTier } from "@caudal/core";

/** Every port that a process may need, by the name that its setting has too. */
export interface Ports {
  readonly registry: SchemaRegistry;
  readonly log: EventLog;
  readonly documents: Documents;
  readonly archive: SegmentStore;
  readonly live: LiveChannel;
  readonly hot: SeriesTier;
  readonly warm: SeriesTier;
  readonly cold: SeriesTier;
}
export type PortName = keyof Ports;

/** In the order of opening; closing is the reverse. */
export const portNames = ["registry", "log", "documents", "archive", "live", "hot", "warm", "cold"] as const satisfies readonly PortName[];

/** In the order in which people are told of them. */
export const shownPorts = ["log", "hot", "warm", "cold", "documents", "archive", "registry", "live"] as const satisfies readonly PortName[];

/** Some ports, open. */
export type OpenPorts<P extends PortName> = Pick<Ports, P> & {
  /** What fills each, for people: `Kafka 127.0.0.1:9092`. */
  readonly engines: Readonly<Record<string, string>>;
  close(): Promise<void>;
};

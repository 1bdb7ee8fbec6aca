import { CaudalError, type EventLog, type Tell } from "@caudal/core";
import { parseKafkaUrl, type BrokerAddress } from "./address/parse-url.ts";
import { readTlsFiles } from "./address/tls-files.ts";
import type { ConsumeTiming } from "./consume/member.ts";
import { KafkaLog } from "./kafka-log.ts";
import { Link, type LinkSettings } from "./wire/link.ts";

const MIB = 1024 * 1024;

export interface KafkaLogOptions {
  /** `kafka://[user:password@]host:port[,host:port][?prefix=&replication=1&minInSync=1]`; `kafkas://` for TLS. The README has every parameter. */
  readonly url: string;
  /** Shown in the broker's logs and in the names of members; "caudal" when absent. */
  readonly clientId?: string;
  readonly tell?: Tell;
  /** How long the opening waits for a broker; 10 s when absent. */
  readonly openWithinMs?: number;
  /** How long a call is tried while brokers are away or elect; then "unavailable". 10 s when absent. */
  readonly callWithinMs?: number;
  /** How long a publish is tried; then "unavailable", or "timeout" when it may be there. 30 s when absent. */
  readonly publishWithinMs?: number;
  /** Bytes of publishes that may wait to be durable; more is refused with "unavailable". 64 MiB when absent. */
  readonly maxInFlightBytes?: number;
  readonly timing?: Partial<ConsumeTiming>;
  /** Where a broker is reached from here, when not at the address that it gives: behind a forwarded port, say. */
  readonly route?: (broker: BrokerAddress) => BrokerAddress;
}

export const defaultTiming: ConsumeTiming = {
  heartbeatMs: 500, sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, drainWithinMs: 4000, stuckAfterMs: 30_000, answerWithinMs: 10_000,
};
const CONNECT_WITHIN_MS = 5000;

/**
 * Opens the log on a Kafka cluster. Fails with "setting" (the URL, a password, a broker that is too old) or "unavailable" (nobody answers).
 * Brokers that go away later are waited for within each call's time, then "unavailable"; connections come back by themselves.
 * Values of records handed out are views of what was fetched: do not write to them, and copy what is kept for long.
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<EventLog> {
  return openLog(options);
}

/** The same, as what it is: a test may cut it off. */
export async function openLog(options: KafkaLogOptions): Promise<KafkaLog> {
  const address = parseKafkaUrl(options.url);
  const timing = { ...defaultTiming, ...options.timing };
  const settings: LinkSettings = {
    seeds: address.brokers,
    clientId: options.clientId ?? "caudal",
    tls: await readTlsFiles(address.tls),
    sasl: address.sasl,
    connectWithinMs: Math.min(CONNECT_WITHIN_MS, timing.answerWithinMs),
    answerWithinMs: timing.answerWithinMs,
    route: options.route,
  };
  const make = (callWithinMs: number): KafkaLog =>
    new KafkaLog({
      address, timing, callWithinMs,
      openLink: () => new Link(settings),
      publishWithinMs: options.publishWithinMs ?? 30_000,
      maxInFlightBytes: options.maxInFlightBytes ?? 64 * MIB,
      tell: options.tell ?? (() => undefined),
    });
  await greet(make(options.openWithinMs ?? 10_000), address.shown);
  return make(options.callWithinMs ?? 10_000);
}

/** Opens and closes once, with the patience of an opening. */
async function greet(log: KafkaLog, shown: string): Promise<void> {
  try {
    await log.greet();
  } catch (error) {
    if (!(error instanceof CaudalError)) throw error;
    const next = error.code === "unavailable" ? "; see that a broker listens there and that both sides agree on TLS (kafkas://, ca=)" : "";
    throw new CaudalError(error.code, `no use of Kafka at ${shown}: ${error.message}${next}`, { cause: error });
  } finally {
    await log.close();
  }
}

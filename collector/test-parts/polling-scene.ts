import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { topics, topicSpecs, type Documents, type EventLog } from "@caudal/core";
import { openEmbeddedDocuments, openEmbeddedLog, openFileRegistry } from "@caudal/embedded";
import { createHeldClock, createMetrics, createParker, type FaultPoints, type HeldClock, type LogFields, type Logger, type Metrics, type Sleep } from "@caudal/runtime";
import { Codec, type DevicePresence, type Parked, type Reading } from "@caudal/schemas";
import { Edge } from "../edge/edge.ts";
import { Presence } from "../edge/presence.ts";
import { Receipts } from "../edge/receipts.ts";
import type { AccountPoller } from "../polling/account-poller.ts";
import { Polling } from "../polling/polling.ts";
import type { Account } from "../providers/account.ts";

export interface PollingScene {
  readonly clock: HeldClock;
  readonly log: EventLog;
  readonly documents: Documents;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly lines: readonly { readonly level: string; readonly event: string; readonly fields: LogFields }[];
  /** A collector's polling, started; stopped with the scene. */
  polling(accounts: readonly Account[], options?: { readonly holder?: string; readonly faults?: FaultPoints; readonly documents?: Documents; readonly sleep?: Sleep }): Promise<Polling>;
  readings(): Promise<readonly Reading[]>;
  parked(): Promise<readonly Parked[]>;
  presence(): Promise<readonly DevicePresence[]>;
  /** (device, key, time, value) of every sample of the log, in order. */
  samples(): Promise<readonly (readonly [string, string, number, unknown])[]>;
  close(): Promise<void>;
}

/** What a collector stands on. */
export interface PollingStores {
  readonly log: EventLog;
  readonly documents: Documents;
  readonly codec: Codec;
}

export interface PollingSceneOptions {
  /** Of an installation, whose topics are declared; whoever opened them closes them. Some on a disk of their own when absent. */
  readonly stores?: PollingStores;
}

/** Log and documents on a disk, and a clock that is held. */
export async function openPollingScene(startUs: number, { stores }: PollingSceneOptions = {}): Promise<PollingScene> {
  const { log, documents, codec, close: closeStores } = stores === undefined ? await ownStores() : { ...stores, close: async () => undefined };
  const clock = createHeldClock(startUs);
  const metrics = createMetrics({ process: false });
  const lines: { level: string; event: string; fields: LogFields }[] = [];
  const at = (level: string) => (event: string, fields: LogFields = {}): void => void lines.push({ level, event, fields });
  const logger: Logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error"), child: () => logger };
  const presence = new Presence({ log, codec, clock, logger });
  const edge = new Edge({ log, codec, parker: createParker({ log, codec, metrics }), metrics, presence });
  const receipts = new Receipts();
  const running: Polling[] = [];

  async function all<T>(name: "Reading" | "Parked" | "DevicePresence", topic: string): Promise<T[]> {
    const values: { readonly value: T; readonly at: number }[] = [];
    for (const { partition, startOffset, endOffset } of await log.bounds(topic)) {
      for (let fromOffset = startOffset; fromOffset < endOffset;) {
        const batch = await log.read({ topic, partition, fromOffset, maxBytes: 16 * 1024 * 1024 });
        for (const record of batch.records) {
          const decoded = codec.decode(name, record.value);
          if (!decoded.ok) throw new Error(decoded.why);
          values.push({ value: decoded.value as T, at: values.length });
        }
        fromOffset = batch.nextOffset;
      }
    }
    return values.map(({ value }) => value);
  }

  const readings = (): Promise<Reading[]> => all<Reading>("Reading", topics.readings);
  return {
    clock, log, documents, metrics, logger, lines,
    polling: async (accounts, { holder = "one", faults, documents: given = documents, sleep = clock.sleep } = {}) => {
      const polling = new Polling({ accounts, edge, receipts, documents: given, clock, sleep, logger, metrics, holder, ...(faults === undefined ? {} : { faults }) });
      await polling.start();
      running.push(polling);
      for (const poller of pollersOf(polling)) await poller.round();
      return polling;
    },
    readings,
    parked: () => all<Parked>("Parked", topics.parked),
    presence: async () => {
      await presence.flush();
      return all<DevicePresence>("DevicePresence", topics.devices);
    },
    samples: async () => (await readings()).flatMap(({ device, samples }) => samples.map(({ key, timeUs, value }) => [device, key, timeUs ?? 0, value] as const)),
    close: async () => {
      for (const polling of running) await polling.stop(2000);
      await presence.close();
      await closeStores();
    },
  };
}

async function ownStores(): Promise<PollingStores & { close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-polling-"));
  const log = await openEmbeddedLog({ directory: join(folder, "log") });
  await log.declareTopics(topicSpecs(2));
  const documents = await openEmbeddedDocuments({ directory: join(folder, "documents") });
  const close = async (): Promise<void> => {
    await documents.close();
    await log.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { log, documents, codec: await Codec.open(openFileRegistry()), close };
}

/** Makes every poller of a collector look once, and waits for what it started. */
export async function rounds(polling: Polling, clock: HeldClock, ms = 0): Promise<void> {
  if (ms > 0) await clock.advance(ms);
  for (const poller of pollersOf(polling)) {
    await poller.round();
    await poller.settled();
  }
}

/** Lets the clock go on by whole minutes, with a look each minute. */
export async function minutes(polling: Polling, clock: HeldClock, count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) await rounds(polling, clock, 60_000);
}

export function pollersOf(polling: Polling): readonly AccountPoller[] {
  return polling.polls()?.pollers ?? [];
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { topics, type Assignment, type Documents, type SeriesTier } from "@caudal/core";
import { openEmbeddedDocuments, openEmbeddedTier, openFileRegistry } from "@caudal/embedded";
import { createLogger, createMetrics, type Clock, type Metrics } from "@caudal/runtime";
import { Codec, type Fact, type Measurement } from "@caudal/schemas";
import { openLedger } from "../ledger/open-ledger.ts";
import type { EntryBody } from "../ledger/entry.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { ObraDraft } from "../obras/draft.ts";
import { ObraBook } from "../obras/obra-book.ts";
import { draft } from "../obras/test-draft.ts";
import { createRegulators } from "../regulators/regulators.ts";
import { SlotBook } from "../slots/slot-book.ts";
import type { SlotRow } from "../slots/slot-row.ts";
import { createFreezing, type Freezing, type FreezingPace } from "./freezing.ts";
import { HOUR_US, MINUTE_US, SLOT_US } from "./test-facts.ts";

export const WORK = "dga/OB-0602-7";
const DAY_MS = 86_400_000;

/** The service's part that freezes, over real embedded stores and a clock that is set. */
export interface FreezingScene {
  readonly documents: Documents;
  readonly warm: SeriesTier;
  readonly obras: ObraBook;
  readonly ledger: Ledger;
  readonly slots: SlotBook;
  readonly metrics: Metrics;
  readonly lines: readonly string[];
  /** The running part; another one after `restart`. */
  freezing(): Freezing;
  /** Minutes after the slot's instant. */
  at(minutes: number): void;
  put(over?: Partial<ObraDraft>): Promise<void>;
  /** Into warm and, as a batch of the topic, to the handler. */
  measure(...measurements: readonly Measurement[]): Promise<void>;
  /** To the handler alone. */
  tell(...measurements: readonly Measurement[]): Promise<void>;
  row(slotUs?: number, work?: string): Promise<SlotRow | undefined>;
  bodies(slotUs?: number, work?: string): Promise<readonly EntryBody[]>;
  restart(): Promise<void>;
  /** The part again with its memory gone, over the same open stores. */
  again(pace?: Partial<FreezingPace>): Promise<void>;
  /** A second one over the same stores, as another process would be. */
  another(): Promise<Freezing>;
  close(): Promise<void>;
}

/** `openDocuments`: another store than an embedded one of the scene's own. */
export async function openFreezingScene(pace: Partial<FreezingPace> = {}, openDocuments?: () => Promise<Documents>): Promise<FreezingScene> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-freezing-"));
  let nowUs = SLOT_US;
  const clock: Clock = { nowUs: () => nowUs, monotonicMs: () => nowUs / 1000 };
  const lines: string[] = [];
  const logger = createLogger({ destination: { write: (line) => lines.push(line) } });
  const metrics = createMetrics({ process: false });
  const codec = await Codec.open(openFileRegistry());
  const regulators = createRegulators({ urls: { dga: "http://127.0.0.1:9", sma: "http://127.0.0.1:9" } });
  const open = async (): Promise<{ documents: Documents; warm: SeriesTier; obras: ObraBook; ledger: Ledger; slots: SlotBook; freezing: Freezing }> => {
    const documents = await (openDocuments ?? (() => openEmbeddedDocuments({ directory: join(folder, "documents") })))();
    const warm = await openEmbeddedTier({ name: "warm", directory: join(folder, "tiers"), retentionMs: 400 * DAY_MS, revisions: "latest" });
    return { documents, warm, ...(await over(documents, warm, pace)) };
  };
  const over = async (documents: Documents, warm: SeriesTier, paced: Partial<FreezingPace>): Promise<{ obras: ObraBook; ledger: Ledger; slots: SlotBook; freezing: Freezing }> => {
    const obras = await ObraBook.open(documents, clock.nowUs);
    const ledger = await openLedger(documents, { nowUs: clock.nowUs });
    const slots = await SlotBook.open(documents, ledger);
    const freezing = await createFreezing({ documents, obras, slots, ledger, series: warm, regulators, codec, clock, logger, metrics, pace: paced });
    return { obras, ledger, slots, freezing };
  };
  const parts = await open();
  const tell = (...measurements: readonly Measurement[]): Promise<void> => {
    const records = measurements.map((value, offset) => ({ key: value.point, value: codec.encode("Measurement", value), headers: {}, offset, appendedAtUs: nowUs }));
    return parts.freezing.handler.handle({ topic: topics.measurements, partition: 0, records, nextOffset: records.length, endOffset: records.length }, {} as Assignment);
  };
  return {
    get documents() {
      return parts.documents;
    },
    get warm() {
      return parts.warm;
    },
    get obras() {
      return parts.obras;
    },
    get ledger() {
      return parts.ledger;
    },
    get slots() {
      return parts.slots;
    },
    metrics, lines, tell,
    freezing: () => parts.freezing,
    at: (minutes) => void (nowUs = SLOT_US + Math.round(minutes * MINUTE_US)),
    put: async (more = {}) => void (await parts.obras.put("ana", draft({ submitFromUs: SLOT_US, ...more }), "test")),
    measure: async (...measurements) => {
      await parts.warm.write(measurements);
      await tell(...measurements);
    },
    row: (slotUs = SLOT_US, work = WORK) => parts.slots.row(work, slotUs),
    bodies: async (slotUs = SLOT_US, work = WORK) => (await parts.ledger.entriesOf(work, slotUs)).map(({ body }) => body),
    restart: async () => {
      await Promise.all([parts.documents.close(), parts.warm.close()]);
      Object.assign(parts, await open());
    },
    again: async (paced = pace) => void Object.assign(parts, await over(parts.documents, parts.warm, paced)),
    another: async () => (await over(parts.documents, parts.warm, pace)).freezing,
    close: async () => {
      await Promise.all([parts.documents.close(), parts.warm.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Given = number | null | Partial<Fact>;

/** A measurement so many minutes from the slot, known as late as it says, else when it was measured. */
export function measured(minutes: number, facts: Readonly<Record<string, Given>>, { knownMinutes = minutes, ...more }: Partial<Measurement> & { readonly knownMinutes?: number } = {}): Measurement {
  const instantUs = SLOT_US + Math.round(minutes * MINUTE_US);
  const knownAtUs = SLOT_US + Math.round(knownMinutes * MINUTE_US);
  return {
    eventId: `${minutes}-${knownMinutes}`, client: "acme", point: "p7", device: "meter", channel: "", source: "test", transport: "mqtt", instantUs, observedAtUs: instantUs, receivedAtUs: knownAtUs,
    authority: 0, knownAtUs, causeId: "cause", labels: {}, ...more,
    facts: Object.entries(facts).map(([variable, fact]) => ({ variable, value: null, flag: 1, reasons: [], ...(typeof fact === "object" && fact !== null ? fact : { value: fact }) })),
  };
}

/** Flow, total and depth of a good hour, `hours` after the slot. */
export function goodHour(hours = 0, over: Readonly<Record<string, Given>> = {}, more: Parameters<typeof measured>[2] = {}): Measurement {
  return measured((hours * HOUR_US) / MINUTE_US, { flow: 15.314, total: 1010.7 + hours, depth: 9.851, ...over }, more);
}

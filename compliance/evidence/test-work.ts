import { createHash, generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { Directory, systemScope, topics, topicSpecs, type Documents, type PointRecord, type SeriesTier } from "@caudal/core";
import { openEmbeddedDocuments, openEmbeddedLog, openEmbeddedTier, openFileRegistry, openFileSegments } from "@caudal/embedded";
import { Codec, type Reading } from "@caudal/schemas";
import { sha256Hex, type EntryBody, type TakenValue } from "../ledger/entry.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { openLedger } from "../ledger/open-ledger.ts";
import { dayOf } from "../ledger/regulator-day.ts";
import { RootKeeper } from "../ledger/root-keeper.ts";
import { ObraBook } from "../obras/obra-book.ts";
import type { Obra } from "../obras/obra.ts";
import { draft } from "../obras/test-draft.ts";
import { SlotBook } from "../slots/slot-book.ts";
import { CertificateShelf } from "./certificates.ts";
import type { EvidenceParts, EvidenceQuestion } from "./pack.ts";
import { PointDecisions } from "./point-lines.ts";

export const HOUR_US = 3_600_000_000;
export const DAY_US = 24 * HOUR_US;
/** 11 June 2026, 13:00 on the regulator's clock. */
export const SLOT_US = Date.parse("2026-06-11T17:00:00Z") * 1000;

export interface TestWork {
  readonly documents: Documents;
  readonly obras: ObraBook;
  readonly slots: SlotBook;
  readonly roots: RootKeeper;
  readonly ledger: Ledger;
  readonly parts: EvidenceParts;
  readonly obra: Obra;
  readonly clock: { atUs: number };
  append(at: number, ...bodies: readonly EntryBody[]): Promise<void>;
  question(over?: Partial<EvidenceQuestion>): EvidenceQuestion;
  /** A slot frozen with a flow and a total, sent on the clock's day, and what came of it. */
  sent(at: number, given: { readonly flow: number; readonly total: number; readonly outcome: "accepted" | "refused" | "unknown"; readonly voucher?: string }): Promise<void>;
}

export const taken = (at: number, variable: string, value: string): TakenValue => ({ variable, point: "p7", value, instantUs: SLOT_US + at * HOUR_US + 12_000_000, knownAtUs: SLOT_US + at * HOUR_US + 13_000_000, flag: 1, reasons: [] });

export function frozenBody(at: number, { flow, total, version = 1 }: { readonly flow: number; readonly total: number; readonly version?: number }): Extract<EntryBody, { kind: "frozen" }> {
  const payload = JSON.stringify({ caudal: flow.toFixed(2), totalizador: String(Math.floor(total)), nota: "ñandú" });
  return { kind: "frozen", slotUs: SLOT_US + at * HOUR_US, version, path: "/mediciones/subterraneas", headers: { codigoObra: "OB-0602-7" }, payload, sha256: sha256Hex(payload), taken: [taken(at, "flow", String(flow)), taken(at, "total", String(total))] };
}

/** A work on real stores of the embedded engine, with slots and nothing in them yet. `given`: another store of documents, closed by whoever gave it. */
export async function testWork(context: TestContext, over: Parameters<typeof draft>[0] = {}, given?: Documents): Promise<TestWork> {
  const directory = await mkdtemp(join(tmpdir(), "caudal-evidence-"));
  const documents = given ?? await openEmbeddedDocuments({ directory: join(directory, "documents") });
  const log = await openEmbeddedLog({ directory: join(directory, "log") });
  const segments = await openFileSegments(join(directory, "archive"));
  const cold: SeriesTier = await openEmbeddedTier({ name: "cold", directory: join(directory, "tiers"), retentionMs: null, revisions: "all" });
  context.after(async () => {
    await log.close();
    await Promise.all([given === undefined ? documents.close() : undefined, segments.close(), cold.close()]);
    await rm(directory, { recursive: true });
  });
  await log.declareTopics(topicSpecs(2));
  const codec = await Codec.open(openFileRegistry());
  const clock = { atUs: SLOT_US - HOUR_US };
  const nowUs = (): number => clock.atUs;
  const obras = await ObraBook.open(documents, nowUs);
  const obra = await obras.put("ana", draft({ water: "surface-flowmeter", ...over, feeds: over.feeds ?? [{ quantity: "flow", point: "p7", variable: "flow" }, { quantity: "total", point: "p7", variable: "total" }] }), "registered");
  const ledger = await openLedger(documents, { nowUs });
  const slots = await SlotBook.open(documents, ledger);
  const privateKeyPem = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  const roots = await RootKeeper.open(documents, { privateKeyPem, nowUs });
  const directoryBook = await Directory.open(documents);
  await directoryBook.collections.points.insert(systemScope, { id: "p7", body: { client: "acme", point: "p7", name: "Pozo 7", device: "W-7", feeders: [] } as unknown as PointRecord });
  const append: TestWork["append"] = async (at, ...bodies) => {
    for (const body of bodies) {
      clock.atUs += 1000;
      await slots.append(obra, SLOT_US + at * HOUR_US, { by: "ana", decide: () => body });
    }
  };
  const parts: EvidenceParts = { ledger, slots, roots, obras, certificates: await CertificateShelf.open(documents), decisions: await PointDecisions.open(documents), directory: directoryBook, cold, readings: { segments, log, codec } };
  await publishReadings(parts.readings!);
  return {
    documents, obras, slots, roots, ledger, parts, obra, clock, append,
    question: (more = {}) => ({ obra, scope: systemScope, fromUs: SLOT_US, toUs: SLOT_US + 6 * HOUR_US, nowUs: clock.atUs, by: "inspector", signal: new AbortController().signal, ...more }),
    async sent(at, { flow, total, outcome, voucher }) {
      const slotUs = SLOT_US + at * HOUR_US;
      const frozen = frozenBody(at, { flow, total });
      const { attempts = 0, version = 0 } = (await slots.row(obra.work, slotUs))?.state ?? {};
      if (version === 0) await append(at, frozen);
      await append(at, { kind: "attempt", slotUs, attempt: attempts + 1, day: dayOf(clock.atUs + 1000), sha256: frozen.sha256 });
      const is = outcome === "accepted";
      await append(at, { kind: "outcome", slotUs, attempt: attempts + 1, outcome, voucher: voucher ?? null, by: "answer", httpStatus: is ? 200 : 400, code: is ? "00" : "99", message: is ? "Medición ingresada" : "rechazada, \"hoy\"", answer: null, tookMs: 12 });
    },
  };
}

async function publishReadings({ log, codec }: NonNullable<EvidenceParts["readings"]>): Promise<void> {
  for (const [at, device] of [[0, "W-7"], [1, "W-7"], [1, "W-8"], [500, "W-7"]] as const) {
    const timeUs = SLOT_US + at * HOUR_US;
    const raw = Buffer.from(`{"caudal":${at + 0.5}}`);
    const reading: Reading = {
      eventId: `${device}-${at}`, client: "acme", device, source: "mqtt", transport: "mqtt", origin: `acme/${device}`, observedAtUs: timeUs, receivedAtUs: timeUs + 1000, samples: [{ key: "caudal", value: at + 0.5, unit: "L/s", timeUs }],
      contentType: "application/json", raw, rawSha256: createHash("sha256").update(raw).digest(), labels: {},
    };
    await log.publish(topics.readings, [{ key: `acme/${device}`, value: codec.encode("Reading", reading) }]);
  }
}

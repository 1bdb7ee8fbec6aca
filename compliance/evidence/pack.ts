import { deviceKey, systemScope, feedingDevices, type Directory, type Page, type PointRecord, type Scope, type SeriesTier } from "@caudal/core";
import { canonicalJson, type Plain } from "../ledger/canonical-json.ts";
import { sha256Hex } from "../ledger/entry.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { dayOf } from "../ledger/regulator-day.ts";
import type { ProvedRoot } from "../ledger/root-heads.ts";
import type { RootKeeper } from "../ledger/root-keeper.ts";
import type { ObraBook } from "../obras/obra-book.ts";
import type { Obra } from "../obras/obra.ts";
import type { SlotBook } from "../slots/slot-book.ts";
import type { SlotRow } from "../slots/slot-row.ts";
import { fileNameOf } from "./certificate-operations.ts";
import type { CertificateRecord, CertificateShelf } from "./certificates.ts";
import { ChainWalk, type Period } from "./chain-walk.ts";
import { measurementLines, type PointDecisions } from "./point-lines.ts";
import { readingLines, type LookedThrough, type ReadingSource } from "./raw-readings.ts";
import { readMe } from "./read-me.ts";
import { sealedZip, type PackedFile, type PackPart } from "./sealed-zip.ts";
import { slotLines } from "./slot-lines.ts";

export interface EvidenceParts {
  readonly ledger: Pick<Ledger, "entries">;
  readonly slots: Pick<SlotBook, "find">;
  readonly roots: Pick<RootKeeper, "roots" | "proved">;
  readonly obras: Pick<ObraBook, "versions">;
  readonly certificates: CertificateShelf;
  readonly decisions: PointDecisions;
  readonly directory: Directory;
  readonly cold: SeriesTier;
  /** Undefined where this process has no archive of readings: the pack then says so. */
  readonly readings: ReadingSource | undefined;
}

export interface EvidenceQuestion extends Period {
  readonly obra: Obra;
  readonly scope: Scope;
  readonly nowUs: number;
  readonly by: string;
  readonly signal: AbortSignal;
}

const CHAIN = "ledger/chain.ndjson";
const ROOTS = "ledger/roots.ndjson";
const READINGS = "readings/raw.ndjson";
const MINUTE_US = 60_000_000;

/** Everything that an inspection of a work asks for, as one ZIP of docs/evidence-format.md, written while it is read. */
export function evidencePack(parts: EvidenceParts, question: EvidenceQuestion): AsyncGenerator<Uint8Array> {
  const walk = new ChainWalk(question);
  const keys = new Set<string>();
  return sealedZip(packParts(parts, question, { walk, keys }), (files) => manifestFiles(question, { walk, keys, files }));
}

interface Making {
  readonly walk: ChainWalk;
  readonly keys: Set<string>;
}

async function* packParts(parts: EvidenceParts, question: EvidenceQuestion, { walk, keys }: Making): AsyncGenerator<PackPart> {
  const { ledger, roots, obras, cold, decisions, readings, certificates } = parts;
  const { obra: { work }, scope, fromUs, toUs, signal } = question;
  yield text("LEEME.txt", readMe);
  const held = await obras.versions(scope, work);
  yield text("obra/versions.json", `${JSON.stringify(held, null, 1)}\n`);
  // Roots before the chain: what a root was signed over is then in the chain that follows. With proofs of this work alone: other works are other clients'.
  yield { name: ROOTS, chunks: () => rootLines(roots.proved(work, { fromDay: dayOf(fromUs) }), { keys, signal }) };
  yield { name: CHAIN, async *chunks() {
    for await (const entry of ledger.entries(work, 0)) {
      signal.throwIfAborted();
      yield walk.take(entry);
    }
  } };
  yield { name: "slots.ndjson", chunks: () => slotLines(slotRows(parts.slots, question), walk) };
  yield { name: "attempts.ndjson", chunks: () => walk.attemptLines() };
  // A slot takes what stands on both sides of its instant.
  const marginUs = Math.max(...held.map(({ windowMinutes }) => windowMinutes), question.obra.windowMinutes) * MINUTE_US;
  const span = { scope, fromUs: fromUs - marginUs, toUs: toUs + marginUs };
  const points = [...new Set([...held, question.obra].flatMap(({ feeds }) => feeds.map(({ point }) => point)))].sort();
  const named = points.map((point, at) => ({ key: { client: question.obra.client, point }, name: `${String(at + 1).padStart(2, "0")}-${point.replace(/[^A-Za-z0-9_-]/g, "_")}` }));
  for (const { key, name } of named) {
    yield { name: `measurements/${name}.ndjson`, chunks: () => measurementLines(cold, { ...span, key }) };
    yield { name: `decisions/${name}.totaliser.ndjson`, chunks: () => decisions.decisionLines({ ...span, key }) };
    yield { name: `decisions/${name}.corrections.ndjson`, chunks: () => decisions.correctionLines({ ...span, key }) };
  }
  yield text("measurements/points.json", `${JSON.stringify(named.map(({ key: { point }, name }) => ({ point, files: name })), null, 1)}\n`);
  const looked: LookedThrough[] = [];
  const devices = await devicesOf(parts, question, points);
  yield { name: READINGS, chunks: () => (readings === undefined ? [] : readingLines(readings, { ...span, devices, signal }, (through) => void looked.push(through))) };
  yield { name: "readings/looked-through.json", chunks: () => [`${JSON.stringify({ archive: readings !== undefined, devices, partitions: looked }, null, 1)}\n`] };
  const records: CertificateRecord[] = [];
  for await (const record of allCertificates(certificates, scope, work)) {
    records.push(record);
    yield { name: `certificates/${fileNameOf(record)}`, async *chunks() {
      yield (await certificates.get(scope, work, record.id))?.file ?? new Uint8Array(0);
    } };
  }
  yield text("certificates/index.json", `${JSON.stringify(records.map((record) => ({ file: fileNameOf(record), ...record })), null, 1)}\n`);
}

function manifestFiles({ obra, fromUs, toUs, nowUs, by }: EvidenceQuestion, { walk, keys, files }: Making & { readonly files: readonly PackedFile[] }): { name: string; text: string }[] {
  const manifest = `${canonicalJson({
    format: "caudal-evidence", version: 1, client: obra.client, name: obra.name.toWellFormed(), fromUs, toUs, madeAtUs: nowUs, madeBy: by.toWellFormed(), keys: [...keys].sort(), roots: ROOTS, readings: READINGS,
    works: [{ work: obra.work, chain: CHAIN, slots: "slots.ndjson", attempts: "attempts.ndjson", entries: walk.seq }],
    files: files.map(({ name, bytes, sha256, packedSha256 }) => ({ name, bytes, sha256, packedSha256 })),
  })}\n`;
  return [{ name: "manifest.json", text: manifest }, { name: "manifest.sha256", text: `${sha256Hex(manifest)}  manifest.json\n` }];
}

async function* rootLines(roots: AsyncIterable<ProvedRoot>, { keys, signal }: { readonly keys: Set<string>; readonly signal: AbortSignal }): AsyncGenerator<string> {
  for await (const root of roots) {
    signal.throwIfAborted();
    keys.add(root.publicKey);
    yield `${canonicalJson(root as unknown as Plain)}\n`;
  }
}

/** Slots of the period, in order. */
export async function* slotRows(slots: Pick<SlotBook, "find">, { obra: { work }, scope, fromUs, toUs }: Pick<EvidenceQuestion, "obra" | "scope" | "fromUs" | "toUs">): AsyncGenerator<SlotRow> {
  let cursor: string | undefined;
  do {
    const page: Page<SlotRow> = await slots.find(scope, { work, fromUs, toUs, limit: 1000, cursor });
    yield* page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}

async function* allCertificates(certificates: CertificateShelf, scope: Scope, work: string): AsyncGenerator<CertificateRecord> {
  let cursor: string | undefined;
  do {
    const page: Page<CertificateRecord> = await certificates.list(scope, work, { limit: 100, cursor });
    yield* page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}

async function devicesOf({ directory }: EvidenceParts, { obra: { client } }: EvidenceQuestion, points: readonly string[]): Promise<string[]> {
  const records = await directory.collections.points.getMany(systemScope, points);
  const ofClient = records.map(({ body }) => body).filter((record: PointRecord) => record.client === client);
  return [...new Set(ofClient.flatMap(feedingDevices))].filter((device) => device !== deviceKey(client, "")).sort();
}

function text(name: string, content: string): PackPart {
  return { name, chunks: () => [content] };
}

import { CaudalError } from "@caudal/core";
import { readCsv, type CsvCell } from "../obras/csv/csv-text.ts";
import type { ObraBook } from "../obras/obra-book.ts";
import type { Obra } from "../obras/obra.ts";
import { slotInstants } from "../slots/schedule.ts";
import { scheduleOf, type SlotBook } from "../slots/slot-book.ts";
import { isClosed, type SlotState } from "../slots/slot-state.ts";

/** Why a line was not taken. */
export type ImportRefusal = "fields" | "unknown-obra" | "instant" | "not-a-slot" | "future" | "voucher" | "another-voucher" | "closed" | "being-sent";

export interface RefusedLine {
  /** From 1, the line of names included. */
  readonly line: number;
  readonly why: ImportRefusal;
  readonly detail: string;
}

export interface ImportReport {
  readonly dryRun: boolean;
  readonly lines: number;
  /** Written now, or that would be. */
  readonly imported: number;
  /** That stand there with the same voucher already. */
  readonly already: number;
  readonly refusedLines: number;
  /** The first thousand of them. */
  readonly refused: readonly RefusedLine[];
}

export interface ImportOptions {
  /** Who imports. */
  readonly author: string;
  readonly dryRun: boolean;
  readonly nowUs: () => number;
  /** Called every so many lines, and at the end. */
  readonly onProgress?: (done: { readonly lines: number; readonly imported: number }) => void;
}

const HEADER = ["obra", "instant", "voucher", "source"];
const PROGRESS_LINES = 200;
const MAX_REFUSED = 1000;
/** Some 300,000 lines. */
export const MAX_CHARACTERS = 32 * 1024 * 1024;
const MAX_VOUCHER = 200;
const MAX_SOURCE = 200;
/** The regulator's clock where no offset is written, as its own exports have it. */
const LOCAL = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2})?)$/;
const WITH_OFFSET = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Records what another system has sent before, as slots that are never sent again. CSV with the names `obra,instant,voucher,source`: the code of a work (of the DGA, or `sma/CODE`), an instant with its offset (without one it is on the
 * regulator's clock, UTC-4), the voucher (empty when it was lost), and where it is known from. An instant must be exactly one of the work's slots. A line twice changes nothing.
 */
export async function importSubmissions({ obras, slots }: { readonly obras: ObraBook; readonly slots: SlotBook }, csv: string, { author, dryRun, nowUs, onProgress }: ImportOptions): Promise<ImportReport> {
  const works = new Map((await obras.all()).map((obra) => [obra.work, obra]));
  const refused: RefusedLine[] = [];
  /** Vouchers of slots that lines before were for, in a dry run. */
  const seen = new Map<string, string | null>();
  const counts = { lines: 0, imported: 0, already: 0, refusedLines: 0 };
  const refuse = (line: number, why: ImportRefusal, detail: string): void => {
    counts.refusedLines += 1;
    if (refused.length < MAX_REFUSED) refused.push({ line, why, detail });
  };
  if (csv.length > MAX_CHARACTERS) throw new CaudalError("too-large", `at most ${MAX_CHARACTERS} characters at once; give the file in parts, each with the line of names`);
  const table = readCsv(csv);
  const [names, ...rows] = table.ok ? table.rows : [];
  if (!table.ok) refuse(table.fault.line, "fields", table.fault.text.en);
  else if (names?.map(({ text }) => text.toLowerCase()).join() !== HEADER.join()) refuse(1, "fields", `the first line is ${HEADER.join(",")}`);
  else for (const cells of rows) {
    const line = cells[0]?.line ?? 0;
    counts.lines += 1;
    const read = readLine(cells, works, nowUs());
    if ("why" in read) refuse(line, read.why, read.detail);
    else {
      const id = `${read.obra.work} ${read.slotUs}`;
      const before = seen.get(id);
      const came = before === undefined ? await record(slots, read, { author, dryRun }) : sameVoucher(before, read.voucher);
      if (dryRun && came.kind === "imported") seen.set(id, read.voucher);
      if (came.kind === "refused") refuse(line, came.why, came.detail);
      else counts[came.kind] += 1;
    }
    if (counts.lines % PROGRESS_LINES === 0) onProgress?.({ lines: counts.lines, imported: counts.imported });
  }
  onProgress?.({ lines: counts.lines, imported: counts.imported });
  return { dryRun, ...counts, refused };
}

interface Line {
  readonly obra: Obra;
  readonly slotUs: number;
  readonly voucher: string | null;
  readonly source: string;
}

type Refused = { readonly why: ImportRefusal; readonly detail: string };

function readLine(cells: readonly CsvCell[], works: ReadonlyMap<string, Obra>, nowUs: number): Line | Refused {
  if (cells.length !== HEADER.length) return { why: "fields", detail: `${cells.length} fields instead of ${HEADER.length}` };
  const [code = "", instant = "", voucher = "", source = ""] = cells.map(({ text }) => text.trim());
  const obra = works.get(code.includes("/") ? code : `dga/${code}`);
  if (obra === undefined) return { why: "unknown-obra", detail: code };
  const local = LOCAL.exec(instant);
  const atMs = local !== null ? Date.parse(`${local[1]}T${local[2]}-04:00`) : WITH_OFFSET.test(instant) ? Date.parse(instant.replace(" ", "T")) : NaN;
  if (Number.isNaN(atMs)) return { why: "instant", detail: instant };
  const slotUs = Math.round(atMs * 1000);
  if (slotUs > nowUs) return { why: "future", detail: instant };
  if ([...slotInstants(scheduleOf(obra), { fromUs: slotUs, toUs: slotUs + 1 })].length === 0) return { why: "not-a-slot", detail: `${instant} is no slot of ${obra.work} (${obra.standard})` };
  if (voucher.length > MAX_VOUCHER || !voucher.isWellFormed()) return { why: "voucher", detail: `${voucher.length} characters` };
  if (source === "" || source.length > MAX_SOURCE || !source.isWellFormed()) return { why: "fields", detail: "a source of 1 to 200 characters is required" };
  return { obra, slotUs, voucher: voucher === "" ? null : voucher, source };
}

type Recorded = { readonly kind: "imported" | "already" } | ({ readonly kind: "refused" } & Refused);

async function record(slots: SlotBook, { obra, slotUs, voucher, source }: Line, { author, dryRun }: Pick<ImportOptions, "author" | "dryRun">): Promise<Recorded> {
  let verdict: Recorded = { kind: "imported" };
  if (dryRun) {
    const row = await slots.row(obra.work, slotUs);
    return row === undefined ? verdict : verdictOn(row.state, voucher);
  }
  await slots.append(obra, slotUs, {
    by: author,
    decide: (state) => {
      verdict = verdictOn(state, voucher);
      return verdict.kind === "imported" ? { kind: "imported", slotUs, voucher, source } : undefined;
    },
  });
  return verdict;
}

function verdictOn(state: SlotState, voucher: string | null): Recorded {
  // Its answer is still to come, and would find the slot closed.
  if (state.standing === "sending") return { kind: "refused", why: "being-sent", detail: "an attempt is under way; import it again in a minute" };
  if (!isClosed(state)) return { kind: "imported" };
  if (state.acceptedUs === undefined) return { kind: "refused", why: "closed", detail: `the slot is ${state.standing}` };
  return sameVoucher(state.voucher, voucher);
}

function sameVoucher(held: string | null, voucher: string | null): Recorded {
  return held === voucher ? { kind: "already" } : { kind: "refused", why: "another-voucher", detail: `the slot holds ${held ?? "no voucher"}` };
}

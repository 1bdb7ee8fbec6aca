import { formatInstant } from "@caudal/core";
import { localText } from "../desk/slot-view.ts";
import type { LedgerEntry } from "../ledger/entry.ts";
import { monthSpan } from "../ledger/regulator-day.ts";
import type { Obra } from "../obras/obra.ts";
import type { SlotRow } from "../slots/slot-row.ts";
import { columns } from "./columns.ts";
import { askedObras, slotsIn, type ReadSlot, type ReportParts, type ReportQuestion } from "./reading-rows.ts";
import type { Report, Row, Table } from "./report.ts";
import { isTaken, slotClass, slotClasses, type SlotClass } from "./slot-class.ts";

/** How many slots of each class a work has in a month; those that are not due yet are not expected. */
export type ClassCounts = Readonly<Record<SlotClass, number>>;

const MINUTE_US = 60_000_000;

/** Share of the expected slots that the regulator has, in percent, cut to a tenth so that only all of them are 100; null where none was expected. */
export function compliancePercent(counts: ClassCounts): number | null {
  const expected = expectedOf(counts);
  const taken = slotClasses.filter(isTaken).reduce((sum, each) => sum + counts[each], 0);
  return expected === 0 ? null : Math.floor((taken / expected) * 1000) / 10;
}

function expectedOf(counts: ClassCounts): number {
  return slotClasses.reduce((sum, each) => sum + (each === "not-due" ? 0 : counts[each]), 0);
}

/** Expected submissions of a month and what became of each, with its voucher. */
export function complianceReport(parts: ReportParts, question: ReportQuestion, month: string): Report {
  const { nowUs } = question;
  const span = monthSpan(month);
  async function* walked(): AsyncGenerator<ReadSlot & { readonly is: SlotClass; readonly current: Obra }> {
    for await (const current of askedObras(parts, question)) {
      for await (const slot of slotsIn(parts, question, current, span)) yield { ...slot, current, is: slotClass(slot.row, slot.obra, nowUs) };
    }
  }
  const summary: Table = {
    id: "works", title: { en: "Works", es: "Obras" }, columns: columns("work", "name", "client", "expected", "onTime", "late", "afterDelay", "imported", "missing", "waiting", "review", "refused", "unknown", "annulled", "writtenOff", "lateFailures", "percent"),
    async *rows() {
      for await (const obra of askedObras(parts, question)) yield summaryRow(obra, await countsOf(parts, question, { obra, span }));
    },
  };
  const slots: Table = {
    id: "slots", title: { en: "Slots", es: "Envíos" }, columns: columns("work", "local", "class", "standing", "flowLps", "totalM3", "depthM", "stageM", "attempts", "acceptedAt", "delayMinutes", "voucher", "reasons"),
    isForPeople: question.work !== undefined,
    async *rows() {
      for await (const { row, values, is } of walked()) yield slotRow(row, { values, is });
    },
  };
  const long: Table = {
    id: "values", title: { en: "Values and attempts", es: "Valores e intentos" }, isForPeople: false, isLong: true,
    columns: columns("work", "name", "client", "slot", "local", "class", "standing", "quantity", "variable", "point", "value", "measuredAt", "flag", "attempt", "reportedAt", "outcome", "code", "message", "voucher"),
    async *rows() {
      for await (const slot of walked()) yield* longRows(slot, await attemptsOf(parts, slot.row));
    },
  };
  return {
    kind: "compliance", title: { en: `Compliance in ${month}`, es: `Cumplimiento de ${month}` }, atUs: nowUs, tables: [summary, slots, long],
    notes: [
      { en: "On time: accepted within one hour of the instant. Late: within the delay that the standard permits. Times on the regulator's clock, UTC-4.", es: "A tiempo: aceptado dentro de una hora del instante. Tarde: dentro del desfase permitido. Horas en el reloj del regulador, UTC-4." },
      { en: "Slots whose instant has not come are not counted.", es: "No se cuentan los envíos cuyo instante no ha llegado." },
    ],
  };
}

async function countsOf(parts: ReportParts, question: ReportQuestion, { obra, span }: { readonly obra: Obra; readonly span: { readonly fromUs: number; readonly toUs: number } }): Promise<{ readonly counts: ClassCounts; readonly lateFailures: number }> {
  const counts = Object.fromEntries(slotClasses.map((each) => [each, 0])) as Record<SlotClass, number>;
  let lateFailures = 0;
  for await (const slot of slotsIn(parts, question, obra, span)) {
    counts[slotClass(slot.row, slot.obra, question.nowUs)] += 1;
    if (slot.row.lateFailure) lateFailures += 1;
  }
  return { counts, lateFailures };
}

function summaryRow({ work, name, client }: Obra, { counts, lateFailures }: { readonly counts: ClassCounts; readonly lateFailures: number }): Row {
  return {
    work, name, client, expected: expectedOf(counts), onTime: counts["on-time"], late: counts.late, afterDelay: counts["after-delay"], imported: counts.imported, missing: counts.missing, waiting: counts.waiting, review: counts.review,
    refused: counts.refused, unknown: counts.unknown, annulled: counts.annulled, writtenOff: counts["written-off"], lateFailures, percent: compliancePercent(counts),
  };
}

function slotRow(row: SlotRow, { values, is }: { readonly values: ReadSlot["values"]; readonly is: SlotClass }): Row {
  const { state, slotUs, work, standing, reasons } = row;
  const acceptedUs = is === "imported" ? undefined : state.acceptedUs;
  return {
    work, slot: formatInstant(slotUs), local: localText(slotUs), class: is, standing, flowLps: values?.flowLps ?? null, totalM3: values?.totalM3 ?? null, depthM: values?.depthM ?? null, stageM: values?.stageM ?? null,
    attempts: state.attempts, acceptedAt: acceptedUs === undefined ? null : localText(acceptedUs), delayMinutes: acceptedUs === undefined ? null : Math.ceil((acceptedUs - slotUs) / MINUTE_US), voucher: state.voucher, reasons: reasons.join(" "),
  };
}

interface AttemptTold {
  readonly attempt: number;
  readonly atUs: number;
  readonly outcome: string;
  readonly code: string;
  readonly message: string;
  readonly voucher: string | null;
}

/** Attempts with what came of them. One that was accepted at the first go has nothing more to tell than its row, so that a month is not read entry by entry. */
async function attemptsOf({ ledger }: ReportParts, { work, slotUs, standing, state }: SlotRow): Promise<AttemptTold[]> {
  if (state.attempts === 0) return [];
  if (state.attempts === 1 && (standing === "verified" || standing === "accepted") && state.lastAttemptUs !== undefined) return [{ attempt: 1, atUs: state.lastAttemptUs, outcome: "accepted", code: "", message: "", voucher: state.voucher }];
  const told = new Map<number, AttemptTold>();
  for (const { body, atUs } of await ledger.entriesOf(work, slotUs) as readonly LedgerEntry[]) {
    if (body.kind === "attempt") told.set(body.attempt, { attempt: body.attempt, atUs, outcome: "unknown", code: "", message: "", voucher: null });
    else if (body.kind === "outcome") told.set(body.attempt, { attempt: body.attempt, atUs: told.get(body.attempt)?.atUs ?? atUs, outcome: body.outcome, code: body.code, message: body.message, voucher: body.voucher });
  }
  return [...told.values()];
}

function* longRows({ row, obra, is, current }: ReadSlot & { readonly is: SlotClass; readonly current: Obra }, attempts: readonly AttemptTold[]): Generator<Row> {
  const values: Row[] = row.taken.map(({ variable, point, value, instantUs, flag }) => ({
    quantity: obra.feeds.find((feed) => feed.point === point && feed.variable === variable)?.quantity ?? null, variable, point, value: value === "" ? null : Number(value), measuredAt: formatInstant(instantUs), flag,
  }));
  const none: Row = { quantity: null, variable: null, point: null, value: null, measuredAt: null, flag: null };
  const fixed = { work: row.work, name: current.name, client: row.client, slot: formatInstant(row.slotUs), local: localText(row.slotUs), class: is, standing: row.standing };
  for (const value of values.length === 0 ? [none] : values) {
    if (attempts.length === 0) yield { ...fixed, ...value, attempt: null, reportedAt: null, outcome: is === "imported" ? "imported" : null, code: null, message: null, voucher: row.state.voucher };
    for (const { attempt, atUs, outcome, code, message, voucher } of attempts) yield { ...fixed, ...value, attempt, reportedAt: formatInstant(atUs), outcome, code, message, voucher };
  }
}

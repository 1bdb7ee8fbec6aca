import { parseTyped } from "../../format/number.ts";
import type { Obra, ObraFeed } from "../../wire/obra.ts";
import type { Json } from "../../wire/read.ts";
import { offeredQuantities, requiredQuantities, standardDelayDays, type Quantity } from "./obra-rules.ts";
import { fromRegulatorField, midnightMs, regulatorDate, toRegulatorField } from "../regulator-time.ts";

export interface MonthDraft {
  readonly flowLps: string;
  readonly volumeM3: string;
}

/** A work as it is typed: numbers and instants as text, so that nothing is lost on the way. */
export interface ObraForm {
  readonly regulator: string;
  readonly code: string;
  readonly client: string;
  readonly name: string;
  readonly standard: string;
  readonly everyMinutes: string;
  readonly water: string;
  readonly levelMayBeMissing: boolean;
  readonly informantRut: string;
  readonly centreRut: string;
  readonly feeds: readonly ObraFeed[];
  readonly flowLps: string;
  readonly annualM3: string;
  /** January first. */
  readonly monthly: readonly MonthDraft[];
  /** In per cent. */
  readonly tolerance: string;
  /** Empty: that of the standard. */
  readonly permittedDelayDays: string;
  readonly windowMinutes: string;
  readonly settleMinutes: string;
  /** On the regulator's clock, as a `datetime-local` field has it. */
  readonly submitFrom: string;
  readonly endsAt: string;
  readonly isDefect: boolean;
  readonly defectSince: string;
  readonly defectReason: string;
  readonly mode: string;
  readonly ufId: string;
  readonly procesoId: string;
  readonly dispositivoId: string;
}

/** A work as the server holds it: read, and as it came, so that what the form does not touch goes back unchanged. */
export interface HeldObra {
  readonly obra: Obra;
  readonly raw: Json;
}

const noMonths: readonly MonthDraft[] = Array.from({ length: 12 }, () => ({ flowLps: "", volumeM3: "" }));

/** A new work: it begins at the regulator's next midnight, and is off. */
export function newForm(nowMs: number): ObraForm {
  const { year, month, day } = regulatorDate(nowMs);
  return {
    regulator: "dga", code: "", client: "", name: "", standard: "mayor", everyMinutes: "", water: "groundwater", levelMayBeMissing: false, informantRut: "", centreRut: "", feeds: [],
    flowLps: "", annualM3: "", monthly: noMonths, tolerance: "20", permittedDelayDays: "", windowMinutes: "5", settleMinutes: "10", submitFrom: toRegulatorField(midnightMs(year, month, day + 1)), endsAt: "",
    isDefect: false, defectSince: "", defectReason: "", mode: "off", ufId: "", procesoId: "", dispositivoId: "",
  };
}

export function formOf(obra: Obra, decimalComma: boolean): ObraForm {
  const typed = (value: number | null | undefined): string => (value === null || value === undefined ? "" : decimalComma ? String(value).replace(".", ",") : String(value));
  const at = (timeMs: number | null | undefined): string => (timeMs === null || timeMs === undefined ? "" : toRegulatorField(timeMs));
  const { right, knownDefect, ids } = obra;
  return {
    regulator: obra.regulator, code: obra.code, client: obra.client, name: obra.name, standard: obra.standard, everyMinutes: typed(obra.everyMinutes), water: obra.water, levelMayBeMissing: obra.levelMayBeMissing,
    informantRut: obra.informantRut, centreRut: obra.centreRut, feeds: obra.feeds, flowLps: typed(right.flowLps), annualM3: typed(right.annualM3),
    monthly: noMonths.map((none, month) => (right.monthly[month] === null || right.monthly[month] === undefined ? none : { flowLps: typed(right.monthly[month].flowLps), volumeM3: typed(right.monthly[month].volumeM3) })),
    tolerance: typed(inDigits(right.tolerance * 100)), permittedDelayDays: obra.permittedDelayDays === standardDelayDays(obra.standard) ? "" : typed(obra.permittedDelayDays),
    windowMinutes: typed(obra.windowMinutes), settleMinutes: typed(obra.settleMinutes), submitFrom: at(obra.submitFromMs), endsAt: at(obra.endsMs),
    isDefect: knownDefect !== null, defectSince: at(knownDefect?.sinceMs), defectReason: knownDefect?.reason ?? "", mode: obra.mode, ufId: ids?.ufId ?? "", procesoId: ids?.procesoId ?? "", dispositivoId: ids?.dispositivoId ?? "",
  };
}

export type FormFault = "needed" | "not-number" | "no-time";

/** What is sent of a form, the row of the form that each feed of it came from, and what cannot be sent, by the name of its field. */
export interface AskedObra {
  readonly body: Readonly<Record<string, unknown>>;
  readonly feedRows: readonly number[];
  readonly faults: ReadonlyMap<string, FormFault>;
}

/** The body of PUT: as the work was read, with what the form says. An instant that nobody touched goes back as it came, which a field cannot hold. */
export function askedOf(form: ObraForm, held: HeldObra | null): AskedObra {
  const faults = new Map<string, FormFault>();
  const before = held === null ? null : formOf(held.obra, false);
  const text = (field: string, typed: string): string => {
    if (typed.trim() === "") faults.set(field, "needed");
    return typed.trim();
  };
  const number = (field: string, typed: string): number | null => {
    const value = parseTyped(typed);
    if (!Number.isNaN(value)) return value;
    faults.set(field, "not-number");
    return null;
  };
  const instant = (field: string, typed: string, untouched: string | undefined, raw: unknown): unknown => {
    if (typed !== "" && typed === untouched) return raw;
    const timeMs = fromRegulatorField(typed);
    if (timeMs !== null) return new Date(timeMs).toISOString();
    faults.set(field, "no-time");
    return null;
  };
  const { work: _work, changedBy: _by, changedAt: _at, reason: _reason, ...kept } = held?.raw ?? {};
  const rows = form.feeds.flatMap(({ quantity }, row) => (offeredQuantities(form.water).includes(quantity as Quantity) ? [row] : []));
  for (const quantity of requiredQuantities(form)) if (!rows.some((row) => form.feeds[row]?.quantity === quantity)) faults.set(`feeds.${quantity}`, "needed");
  const everyMinutes = form.standard === "custom" ? number("everyMinutes", form.everyMinutes) : null;
  if (form.standard === "custom" && form.everyMinutes.trim() === "") faults.set("everyMinutes", "needed");
  const months = form.monthly.map((month, at) => {
    const row = { flowLps: number(`right.monthly.${at}.flowLps`, month.flowLps), volumeM3: number(`right.monthly.${at}.volumeM3`, month.volumeM3) };
    return row.flowLps === null && row.volumeM3 === null ? null : row;
  });
  const tolerance = number("right.tolerance", form.tolerance);
  const body = {
    ...kept, regulator: form.regulator, code: text("code", form.code), client: text("client", form.client), name: text("name", form.name), standard: form.standard, everyMinutes, water: form.water, levelMayBeMissing: form.levelMayBeMissing,
    informantRut: text("informantRut", form.informantRut), centreRut: text("centreRut", form.centreRut), feeds: rows.map((row) => form.feeds[row]),
    right: { flowLps: number("right.flowLps", form.flowLps), annualM3: number("right.annualM3", form.annualM3), monthly: months.every((row) => row === null) ? null : months, tolerance: tolerance === null ? undefined : inDigits(tolerance / 100) },
    permittedDelayDays: number("permittedDelayDays", form.permittedDelayDays), windowMinutes: number("windowMinutes", form.windowMinutes) ?? undefined, settleMinutes: number("settleMinutes", form.settleMinutes) ?? undefined,
    submitFrom: form.submitFrom === "" ? (faults.set("submitFrom", "needed"), null) : instant("submitFrom", form.submitFrom, before?.submitFrom, held?.raw["submitFrom"]),
    endsAt: form.endsAt === "" ? null : instant("endsAt", form.endsAt, before?.endsAt, held?.raw["endsAt"]),
    knownDefect: form.isDefect ? { since: instant("knownDefect.since", form.defectSince, before?.defectSince, (held?.raw["knownDefect"] as Json | null | undefined)?.["since"]), reason: text("knownDefect.reason", form.defectReason) } : null,
    mode: form.mode, sma: form.regulator === "sma" ? { ufId: text("sma.ufId", form.ufId), procesoId: text("sma.procesoId", form.procesoId), dispositivoId: text("sma.dispositivoId", form.dispositivoId) } : null,
    version: held?.obra.version ?? 0,
  };
  return { body, feedRows: rows, faults };
}

/** What this person typed on top of what somebody else saved meanwhile; `both` were changed by either, and are this person's. */
export function rebased(before: ObraForm, mine: ObraForm, theirs: ObraForm): { readonly form: ObraForm; readonly both: readonly (keyof ObraForm)[] } {
  const differs = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);
  const fields = Object.keys(before) as (keyof ObraForm)[];
  const touched = fields.filter((field) => differs(mine[field], before[field]));
  const form = { ...theirs, ...Object.fromEntries(touched.map((field) => [field, mine[field]])) };
  return { form, both: touched.filter((field) => differs(theirs[field], before[field]) && differs(theirs[field], mine[field])) };
}

/** Without what binary fractions add: 0.07 * 100 is 7. */
function inDigits(value: number): number {
  return Number(value.toPrecision(12));
}

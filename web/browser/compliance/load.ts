import { endpoints, type WorkPath } from "../http/endpoints.ts";
import type { Api } from "../http/request.ts";
import { readComplianceStatus, type ComplianceStatus, type ObraStatus } from "../wire/obra-status.ts";
import { readObra } from "../wire/obra.ts";
import { ApiProblem } from "../wire/problem.ts";
import { asRecord } from "../wire/read.ts";
import { readSlot, type Slot } from "../wire/slot.ts";
import { edgesOf, type CalendarSpan } from "./calendar/calendar.ts";
import type { HeldObra } from "./form/obra-form.ts";

/** Works that a list holds at most; more are told to be narrowed down. */
const MOST_OBRAS = 5_000;
/** A minute's instants of a month, and some. */
const MOST_SLOTS = 50_000;

/** The status of all works; switches are as the first page says. */
export async function loadStatus(api: Api, signal: AbortSignal): Promise<ComplianceStatus> {
  const first = readComplianceStatus(await api.call(endpoints.complianceStatus(), { signal }));
  const obras: ObraStatus[] = [...first.obras];
  let next = first.next;
  while (next !== null && obras.length < MOST_OBRAS) {
    const page = readComplianceStatus(await api.call(endpoints.complianceStatus({ cursor: next }), { signal }));
    obras.push(...page.obras);
    next = page.next;
  }
  return { ...first, obras, next };
}

/** Slots of a month, or of a year of a work that reports monthly or less. */
export async function loadSlots(api: Api, work: WorkPath, span: CalendarSpan, signal: AbortSignal): Promise<readonly Slot[]> {
  const { fromMs, toMs } = edgesOf(span);
  const query = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
  return (await api.all(endpoints.slots(work, query), readSlot, { most: MOST_SLOTS, signal })).items;
}

/** A work with its body as it came, which goes back with what is changed of it. */
export async function loadHeldObra(api: Api, work: WorkPath, signal?: AbortSignal): Promise<HeldObra> {
  const body = await api.call(endpoints.obra(work), signal === undefined ? {} : { signal });
  const obra = readObra(body);
  if (obra === undefined) throw new ApiProblem(0, {});
  return { obra, raw: asRecord(body) };
}

import { localText } from "../desk/slot-view.ts";
import type { LedgerEntry } from "../ledger/entry.ts";
import { monthSpan } from "../ledger/regulator-day.ts";
import type { Obra } from "../obras/obra.ts";
import type { SlotRow } from "../slots/slot-row.ts";
import { columns } from "./columns.ts";
import { askedObras, rowsIn, type ReportParts, type ReportQuestion } from "./reading-rows.ts";
import type { Report, Row } from "./report.ts";
import type { Span } from "./span.ts";

export interface Incident {
  readonly atUs: number;
  /** The slot it is about; null of the work as a whole. */
  readonly slotUs: number | null;
  readonly incident: string;
  readonly by: string;
  readonly detail: string;
}

/** Known defects that versions of a work tell the beginning and the end of. */
export function defectsOf(versions: readonly Obra[]): Incident[] {
  const incidents: Incident[] = [];
  let before: Obra | undefined;
  for (const version of versions) {
    const { knownDefect, changedAtUs: atUs, changedBy: by, reason } = version;
    const was = before?.knownDefect;
    if (was !== undefined && was.sinceUs !== knownDefect?.sinceUs) incidents.push({ atUs, slotUs: null, incident: "defect-ended", by, detail: reason });
    if (knownDefect !== undefined && was?.sinceUs !== knownDefect.sinceUs) incidents.push({ atUs: knownDefect.sinceUs, slotUs: null, incident: "known-defect", by, detail: knownDefect.reason });
    before = version;
  }
  return incidents;
}

/** What an inspection asks about, of one entry; undefined for what went as it should. */
export function incidentOf({ atUs, by, body }: Pick<LedgerEntry, "atUs" | "by" | "body">): Incident | undefined {
  const told = (incident: string, detail: string, who = by): Incident => ({ atUs, slotUs: "slotUs" in body ? body.slotUs : null, incident, by: who, detail });
  switch (body.kind) {
    case "stopped":
    case "resumed":
      return told(body.kind, body.reason);
    case "written-off":
      return told("written-off", body.reason);
    case "reviewed":
      return body.decision === "annul" ? told("annulled", body.reason) : undefined;
    case "late-revision":
      return told("late-revision", `${body.taken.point} ${body.taken.variable} ${body.taken.value}`);
    case "frozen": {
      const { edit } = body;
      if (edit === undefined) return undefined;
      const values = Object.entries(edit.values).map(([quantity, value]) => `${quantity} ${edit.measured[quantity] ?? "-"} → ${value}`);
      return told("edited", `${values.join(", ")}: ${edit.reason} (${edit.code})`, `${edit.author}, ${by}`);
    }
    case "outcome":
      return body.outcome === "accepted" ? undefined : told(body.outcome, [body.code, body.message].filter((part) => part !== "").join(" "));
    case "verification":
      return body.result === "verified" ? undefined : told(body.result, body.fields.map(({ field, sent, held }) => `${field}: ${sent} / ${held}`).join(", "));
    case "held":
    case "attempt":
    case "imported":
      return undefined;
  }
}

/** Defects, stops, failures, late revisions, edits and write-offs of a month, each with who and why, in order of time. */
export function incidentReport(parts: ReportParts, question: ReportQuestion, month: string): Report {
  const span = monthSpan(month);
  return {
    kind: "incidents", title: { en: `Incidents in ${month}`, es: `Incidencias de ${month}` }, atUs: question.nowUs,
    notes: [{ en: "Of slots of the month, whenever it happened; of works, what happened in the month.", es: "De los envíos del mes, cuando haya ocurrido; de las obras, lo ocurrido en el mes." }],
    tables: [{
      id: "incidents", title: { en: "Incidents", es: "Incidencias" }, columns: columns("work", "name", "at", "local", "incident", "by", "detail"), isLong: true,
      async *rows() {
        for await (const obra of askedObras(parts, question)) {
          for (const { atUs, slotUs, incident, by, detail } of await incidentsOf(parts, question, { obra, span })) {
            yield { work: obra.work, name: obra.name, at: localText(atUs), local: slotUs === null ? null : localText(slotUs), incident, by, detail } satisfies Row;
          }
        }
      },
    }],
  };
}

const DELAY_DAY_US = 86_400_000_000;

async function incidentsOf(parts: ReportParts, { scope, nowUs }: ReportQuestion, { obra, span }: { readonly obra: Obra; readonly span: Span }): Promise<Incident[]> {
  const isIn = ({ atUs }: Incident): boolean => atUs >= span.fromUs && atUs < span.toUs;
  const works = await parts.ledger.entriesOf(obra.work, WORK_AS_A_WHOLE);
  const incidents = [...defectsOf(await parts.obras.versions(scope, obra.work)), ...works.flatMap((entry) => incidentOf(entry) ?? [])].filter(isIn);
  for await (const row of rowsIn(parts, { scope, work: obra.work, span: { fromUs: span.fromUs, toUs: Math.min(span.toUs, nowUs + 1) } })) {
    if (row.lateFailure) incidents.push({ atUs: row.slotUs + obra.permittedDelayDays * DELAY_DAY_US, slotUs: row.slotUs, incident: "late-failure", by: "", detail: row.reasons.join(" ") });
    if (wentAsItShould(row)) continue;
    for (const entry of await parts.ledger.entriesOf(obra.work, row.slotUs)) {
      const incident = incidentOf(entry);
      if (incident !== undefined) incidents.push(incident);
    }
  }
  return incidents.sort((a, b) => a.atUs - b.atUs);
}

const WORK_AS_A_WHOLE = -1;

/** Frozen once, sent once, accepted: three entries, four with its verification. Its row tells so, and no entry is read. */
function wentAsItShould({ seq, standing, state, edit }: SlotRow): boolean {
  if (seq === 0) return true;
  return edit === undefined && state.version === 1 && state.attempts === 1 && state.lateRevisions === 0 && (standing === "accepted" || standing === "verified");
}

import { checkedRut } from "../identity/rut.ts";
import { permittedDelayDays, type ObraDraft, type ReadDraft } from "./draft.ts";
import { draftFindings, readDraft, RefusedObra } from "./findings.ts";
import { workOf, type Obra } from "./obra.ts";

/** A work without what its book adds. */
export type SettledObra = Omit<Obra, "version" | "changedBy" | "changedAtUs" | "reason">;

/** The draft with its defaults, RUTs as they are sent, and nothing where nothing is. Throws RefusedObra with all that is wrong. */
export function settled(draft: ObraDraft): SettledObra {
  const read = readDraft(draft);
  if (!read.ok) throw new RefusedObra(read.findings);
  const findings = draftFindings(read.draft);
  if (findings.length > 0) throw new RefusedObra(findings);
  const { centreRut, informantRut, right, ...said } = read.draft;
  return withoutAbsent({
    ...said, work: workOf(said.regulator, said.code), centreRut: wireRut(centreRut), informantRut: wireRut(informantRut),
    permittedDelayDays: said.permittedDelayDays ?? permittedDelayDays[said.standard],
    right: withoutAbsent({ ...right, ...(right.monthly === undefined ? {} : { monthly: right.monthly.map((row) => settledRow(row)) }) }),
  });
}

/** A work as a draft that would make it again. */
export function draftOf({ work: _work, version: _version, changedBy: _by, changedAtUs: _at, reason: _reason, ...draft }: Obra): ReadDraft {
  return structuredClone(draft) as ReadDraft;
}

/** The work without what its book adds, for comparing. */
export function contentOf({ version: _version, changedBy: _by, changedAtUs: _at, reason: _reason, ...content }: Obra): SettledObra {
  return content;
}

type MonthRow = { readonly flowLps?: number | undefined; readonly volumeM3?: number | undefined } | null;

/** A month that says nothing has no row of its own. */
function settledRow(row: MonthRow): MonthRow {
  return row === null || (row.flowLps === undefined && row.volumeM3 === undefined) ? null : withoutAbsent(row);
}

function wireRut(written: string): string {
  const rut = checkedRut(written);
  if (!rut.ok) throw new RangeError("a RUT that was not checked");
  return rut.rut;
}

/** So that what comes back from a store is equal to what went in. */
function withoutAbsent<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

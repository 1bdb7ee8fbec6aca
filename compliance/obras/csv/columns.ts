import type { ReadDraft } from "../draft.ts";
import { feedsCell, instantCell, monthsCell, readFeedsCell, readInstantCell, readMonthsCell, readNumber, readTextCell, readYes, textCell, type CellContext } from "./cells.ts";

/** What a row says so far; what has the wrong form is told when the draft is read. */
export type LooseDraft = Record<string, unknown>;

/** One column of the file. */
export interface ObraColumn {
  readonly name: string;
  /** Another spelling of the header. */
  readonly alias: string;
  /** Where findings of the draft belong to it: how their path begins. */
  readonly path: readonly string[];
  /** A new work needs the column. */
  readonly required?: true;
  /** Empty where the work says nothing. */
  write(draft: ReadDraft): string;
  /** Puts a cell that is not empty into the draft. Throws RefusedCell. */
  read(draft: LooseDraft, cell: string, context: CellContext): void;
  /** What an empty cell means: nothing, unless it says otherwise. */
  clear(draft: LooseDraft): void;
}

type Member = keyof ReadDraft;
interface Naming { readonly name: string; readonly alias: string; readonly required?: true }

function column(naming: Naming, member: Member, write: (draft: ReadDraft) => string | undefined, read: (cell: string, context: CellContext) => unknown): ObraColumn {
  return {
    ...naming, path: [member],
    write: (draft) => write(draft) ?? "",
    read: (draft, cell, context) => { draft[member] = read(cell, context); },
    clear: (draft) => { delete draft[member]; },
  };
}

/** A member of an object in the draft; the object goes with the last of its members. */
function part(naming: Naming, [member, inner]: readonly [Member, string], write: (draft: ReadDraft) => string | undefined, read: (cell: string, context: CellContext) => unknown): ObraColumn {
  return {
    ...naming, path: [member, inner],
    write: (draft) => write(draft) ?? "",
    read: (draft, cell, context) => { draft[member] = { ...(draft[member] as object | undefined), [inner]: read(cell, context) }; },
    clear: (draft) => {
      const { [inner]: _gone, ...rest } = (draft[member] ?? {}) as Record<string, unknown>;
      if (Object.keys(rest).length === 0) delete draft[member];
      else draft[member] = rest;
    },
  };
}

type Months = readonly (Readonly<Record<string, unknown>> | null)[];

function monthly(naming: Naming, inner: "flowLps" | "volumeM3"): ObraColumn {
  const put = (draft: LooseDraft, values: readonly (number | undefined)[]): void => {
    const right = (draft["right"] ?? {}) as { readonly monthly?: Months };
    const months = values.map((value, at) => {
      const { [inner]: _old, ...rest } = right.monthly?.[at] ?? {};
      const row = value === undefined ? rest : { ...rest, [inner]: value };
      return Object.keys(row).length === 0 ? null : row;
    });
    const { monthly: _months, ...others } = right;
    draft["right"] = months.every((row) => row === null) ? others : { ...others, monthly: months };
  };
  return {
    ...naming, path: ["right", "monthly", inner],
    write: ({ right }) => monthsCell(right, inner),
    read: (draft, cell, context) => put(draft, readMonthsCell(cell, context)),
    clear: (draft) => put(draft, new Array<undefined>(12).fill(undefined)),
  };
}

const word = (cell: string): string => cell.toLowerCase();
const number = (value: number | undefined): string | undefined => (value === undefined ? undefined : String(value));
const instant = (atUs: number | undefined): string | undefined => (atUs === undefined ? undefined : instantCell(atUs));
const optionalText = (text: string | undefined): string | undefined => (text === undefined ? undefined : textCell(text));

/** The columns in the order in which they are written; they are read in any. */
export const obraColumns: readonly ObraColumn[] = [
  column({ name: "regulator", alias: "regulador" }, "regulator", ({ regulator }) => regulator, word),
  column({ name: "code", alias: "codigo", required: true }, "code", ({ code }) => textCell(code), readTextCell),
  column({ name: "client", alias: "cliente", required: true }, "client", ({ client }) => client, (cell) => cell),
  column({ name: "name", alias: "nombre", required: true }, "name", ({ name }) => textCell(name), readTextCell),
  column({ name: "standard", alias: "estandar", required: true }, "standard", ({ standard }) => standard, word),
  column({ name: "every_minutes", alias: "cada_minutos" }, "everyMinutes", ({ everyMinutes }) => number(everyMinutes), readNumber),
  column({ name: "water", alias: "agua", required: true }, "water", ({ water }) => water, word),
  column({ name: "level_may_be_missing", alias: "nivel_puede_faltar" }, "levelMayBeMissing", ({ levelMayBeMissing }) => (levelMayBeMissing ? "yes" : "no"), readYes),
  column({ name: "centre_rut", alias: "rut_centro", required: true }, "centreRut", ({ centreRut }) => centreRut, (cell) => cell),
  column({ name: "informant_rut", alias: "rut_informante", required: true }, "informantRut", ({ informantRut }) => informantRut, (cell) => cell),
  column({ name: "feeds", alias: "fuentes", required: true }, "feeds", ({ feeds }) => feedsCell(feeds), readFeedsCell),
  part({ name: "right_flow_lps", alias: "derecho_caudal_lps" }, ["right", "flowLps"], ({ right }) => number(right.flowLps), readNumber),
  part({ name: "right_annual_m3", alias: "derecho_anual_m3" }, ["right", "annualM3"], ({ right }) => number(right.annualM3), readNumber),
  monthly({ name: "right_monthly_flow_lps", alias: "derecho_mensual_caudal_lps" }, "flowLps"),
  monthly({ name: "right_monthly_volume_m3", alias: "derecho_mensual_volumen_m3" }, "volumeM3"),
  part({ name: "right_tolerance", alias: "derecho_tolerancia" }, ["right", "tolerance"], ({ right }) => number(right.tolerance), readNumber),
  column({ name: "permitted_delay_days", alias: "desfase_dias" }, "permittedDelayDays", ({ permittedDelayDays }) => number(permittedDelayDays), readNumber),
  column({ name: "window_minutes", alias: "ventana_minutos" }, "windowMinutes", ({ windowMinutes }) => number(windowMinutes), readNumber),
  column({ name: "settle_minutes", alias: "reposo_minutos" }, "settleMinutes", ({ settleMinutes }) => number(settleMinutes), readNumber),
  part({ name: "defect_since", alias: "defecto_desde" }, ["knownDefect", "sinceUs"], ({ knownDefect }) => instant(knownDefect?.sinceUs), readInstantCell),
  part({ name: "defect_reason", alias: "defecto_motivo" }, ["knownDefect", "reason"], ({ knownDefect }) => optionalText(knownDefect?.reason), readTextCell),
  column({ name: "submit_from", alias: "enviar_desde", required: true }, "submitFromUs", ({ submitFromUs }) => instant(submitFromUs), readInstantCell),
  column({ name: "ends_at", alias: "termina" }, "endsUs", ({ endsUs }) => instant(endsUs), readInstantCell),
  column({ name: "mode", alias: "modo" }, "mode", ({ mode }) => mode, word),
  part({ name: "sma_uf_id", alias: "sma_uf" }, ["sma", "ufId"], ({ sma }) => optionalText(sma?.ufId), readTextCell),
  part({ name: "sma_process_id", alias: "sma_proceso" }, ["sma", "procesoId"], ({ sma }) => optionalText(sma?.procesoId), readTextCell),
  part({ name: "sma_device_id", alias: "sma_dispositivo" }, ["sma", "dispositivoId"], ({ sma }) => optionalText(sma?.dispositivoId), readTextCell),
];

/** The column of a header, whatever its case, accents and blanks. */
export function columnOf(header: string): ObraColumn | undefined {
  const plain = header.normalize("NFD").replace(/\p{M}/gu, "").trim().toLowerCase().replace(/[\s-]+/g, "_");
  return obraColumns.find(({ name, alias }) => name === plain || alias === plain);
}

/** The column that a finding of a draft belongs to; `code` where no single one is at fault. */
export function columnOfPath(path: readonly (string | number)[]): ObraColumn {
  const words = path.filter((step) => typeof step === "string");
  const fits = (candidate: ObraColumn): boolean => candidate.path.every((step, at) => words[at] === step);
  const begins = (candidate: ObraColumn): boolean => candidate.path[0] === words[0];
  return (obraColumns.find(fits) ?? obraColumns.find(begins) ?? obraColumns[1]) as ObraColumn;
}

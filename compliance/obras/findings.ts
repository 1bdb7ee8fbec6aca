import { CaudalError, parseUnit, variableRow } from "@caudal/core";
import type { Language, Text } from "@caudal/runtime";
import { z } from "zod";
import { checkedRut } from "../identity/rut.ts";
import { registrationOf } from "../regulators/regulators.ts";
import { draftSchema, type ReadDraft } from "./draft.ts";
import type { Quantity } from "./obra.ts";

/** One thing that is wrong with what was said of a work. */
export interface ObraFinding {
  /** From the draft's root: `feeds, 0, variable`. */
  readonly path: readonly (string | number)[];
  readonly text: Text;
}

/** A work that cannot be as it was said; nothing was written. */
export class RefusedObra extends CaudalError {
  readonly findings: readonly ObraFinding[];

  constructor(findings: readonly ObraFinding[]) {
    super("bad-request", findings.map(({ path, text }) => `${path.join(".")}: ${text.en}`).join("; "));
    this.findings = findings;
  }
}

const MINUTES_APART = { mayor: 60, medio: 1440, menor: 40_320, "caudales-muy-pequenos": 259_200 } as const;
const measured: Readonly<Record<Quantity, "flow" | "volume" | "length">> = { flow: "flow", total: "volume", depth: "length", stage: "length" };
const requiredOf: Readonly<Record<Quantity, Text>> = {
  flow: { en: "of every work", es: "en toda obra" },
  total: { en: "unless it is a channel of the DGA", es: "salvo en un canal de la DGA" },
  depth: { en: "of groundwater, unless its level may be missing", es: "en agua subterránea, salvo que su nivel pueda faltar" },
  stage: { en: "of a channel, unless its level may be missing", es: "en un canal, salvo que su nivel pueda faltar" },
};
const localeErrors: Record<Language, z.core.$ZodErrorMap> = { en: z.locales.en().localeError, es: z.locales.es().localeError };

/** What has not the form of a draft, each in both languages; else the draft. */
export function readDraft(draft: unknown): { readonly ok: true; readonly draft: ReadDraft } | { readonly ok: false; readonly findings: readonly ObraFinding[] } {
  const read = draftSchema.safeParse(draft, { error: localeErrors.en });
  if (read.success) return { ok: true, draft: read.data };
  const spanish = draftSchema.safeParse(draft, { error: localeErrors.es }).error?.issues ?? [];
  return { ok: false, findings: read.error.issues.map(({ path, message }, at) => ({ path: path.map((part) => (typeof part === "symbol" ? String(part) : part)), text: { en: message, es: spanish[at]?.message ?? message } })) };
}

/** What does not go together; empty for a draft that can be a work. */
export function draftFindings(draft: ReadDraft): readonly ObraFinding[] {
  const findings: ObraFinding[] = [];
  const say = (path: readonly (string | number)[], en: string, es: string): void => void findings.push({ path, text: { en, es } });
  const { codeFault, idsFault } = registrationOf(draft.regulator);
  const [code, ids] = [codeFault(draft.code), idsFault(draft.sma)];
  if (code !== undefined) findings.push({ path: ["code"], text: code });
  rutFindings(draft, say);
  scheduleFindings(draft, say);
  feedFindings(draft, say);
  if (ids !== undefined) findings.push({ path: ["sma"], text: ids });
  return findings;
}

type Say = (path: readonly (string | number)[], en: string, es: string) => void;

function rutFindings(draft: ReadDraft, say: Say): void {
  for (const field of ["centreRut", "informantRut"] as const) {
    const rut = checkedRut(draft[field]);
    if (rut.ok) continue;
    if (rut.why === "shape") say([field], "a RUT has digits, a hyphen and its check digit, such as 76543210-3", "un RUT tiene dígitos, guion y dígito verificador, como 76543210-3");
    else say([field], `the check digit should be ${rut.expected}`, `el dígito verificador debería ser ${rut.expected}`);
  }
}

function scheduleFindings(draft: ReadDraft, say: Say): void {
  const { standard, everyMinutes } = draft;
  if (standard === "custom" && everyMinutes === undefined) say(["everyMinutes"], "the standard custom needs the minutes between slots", "el estándar custom necesita los minutos entre envíos");
  if (standard !== "custom" && everyMinutes !== undefined) say(["everyMinutes"], `the standard ${standard} has its own schedule; only custom takes minutes`, `el estándar ${standard} tiene su propio calendario; solo custom acepta minutos`);
  const apart = standard === "custom" ? everyMinutes : MINUTES_APART[standard];
  // One measurement must not be taken by two slots.
  if (apart !== undefined && draft.windowMinutes * 2 > apart) say(["windowMinutes"], `the window is at most half of the ${apart} minutes between slots`, `la ventana es como máximo la mitad de los ${apart} minutos entre envíos`);
  if (draft.endsUs !== undefined && draft.endsUs <= draft.submitFromUs) say(["endsUs"], "a work ends after it begins", "una obra termina después de comenzar");
}

function feedFindings({ regulator, feeds, water, standard, levelMayBeMissing }: ReadDraft, say: Say): void {
  const seen = new Map<string, number>();
  feeds.forEach(({ quantity, point, variable }, at) => {
    const key = JSON.stringify([quantity, point, variable]);
    if (seen.has(key)) say(["feeds", at], `repeats feed ${(seen.get(key) ?? 0) + 1}`, `repite la fuente ${(seen.get(key) ?? 0) + 1}`);
    else seen.set(key, at);
    if (quantity === "depth" && water !== "groundwater") say(["feeds", at, "quantity"], "only groundwater has a depth", "solo el agua subterránea tiene profundidad (depth)");
    if (quantity === "stage" && water !== "surface-channel") say(["feeds", at, "quantity"], "only a channel has a stage", "solo un canal tiene altura limnimétrica (stage)");
    const known = variableRow(variable);
    const unit = known === undefined ? undefined : parseUnit(known.unit);
    if (unit !== undefined && unit.quantity !== measured[quantity]) say(["feeds", at, "variable"], `${variable} is in ${unit.code}, which is no ${quantity}`, `${variable} está en ${unit.code}, que no sirve como ${quantity}`);
  });
  const count = (quantity: Quantity): number => feeds.filter((feed) => feed.quantity === quantity).length;
  for (const quantity of registrationOf(regulator).requires({ water, standard, levelMayBeMissing })) {
    if (count(quantity) === 0) say(["feeds"], `a feed of ${quantity} is required ${requiredOf[quantity].en}`, `se requiere una fuente de ${quantity} ${requiredOf[quantity].es}`);
  }
  for (const quantity of ["depth", "stage"] as const) if (count(quantity) > 1) say(["feeds"], `${quantity} comes from one point only`, `${quantity} viene de un solo punto`);
}

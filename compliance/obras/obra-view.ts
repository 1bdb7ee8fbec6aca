import { formatInstant, parseInstant } from "@caudal/core";
import { z } from "zod";
import { draftFields, reasonText, regulatorNames, type ObraDraft } from "./draft.ts";
import { RefusedObra, type ObraFinding } from "./findings.ts";
import type { Obra, RegulatorName } from "./obra.ts";

const REGULATOR_ZONE = "Etc/GMT+4";
const instantText = z.string().min(1).max(64).describe("RFC 3339; without an offset on the regulator's clock, UTC-4.");
const told = z.unknown().optional().describe("Taken as it is in the work, so that what was read may be sent back; not looked at.");

/** What PUT takes: the work as GET shows it, changed, with a reason. */
export const obraBodySchema = z.strictObject({
  ...draftFields,
  knownDefect: z.strictObject({ since: instantText, reason: reasonText }).nullish(),
  submitFrom: instantText,
  endsAt: instantText.nullish(),
  reason: reasonText.optional().describe("Required but with dryRun."),
  version: z.int().min(0).optional().describe("The version that the change was decided on, 0 for a new work; another one is answered 409."),
  regulator: told, code: told, work: told, changedBy: told, changedAt: told,
});
export type ObraBody = z.output<typeof obraBodySchema>;

const monthRow = z.object({ flowLps: z.number().optional(), volumeM3: z.number().optional() });

export const obraViewSchema = z.object({
  work: z.string(), client: z.string(), regulator: z.enum(regulatorNames), code: z.string(), name: z.string(), standard: draftFields.standard, everyMinutes: z.number().nullable(),
  water: draftFields.water, levelMayBeMissing: z.boolean(), centreRut: z.string(), informantRut: z.string(),
  feeds: z.array(z.object({ quantity: z.string(), point: z.string(), variable: z.string() })),
  right: z.object({ flowLps: z.number().nullable(), annualM3: z.number().nullable(), monthly: z.array(monthRow.nullable()).nullable(), tolerance: z.number() }),
  permittedDelayDays: z.number(), windowMinutes: z.number(), settleMinutes: z.number(), knownDefect: z.object({ since: z.string(), reason: z.string() }).nullable(),
  submitFrom: z.string(), endsAt: z.string().nullable(), mode: z.enum(["off", "shadow", "live"]), sma: z.object({ ufId: z.string(), procesoId: z.string(), dispositivoId: z.string() }).nullable(),
  version: z.number(), changedBy: z.string(), changedAt: z.string(), reason: z.string(),
});
export type ObraView = z.input<typeof obraViewSchema>;

export function obraView({ submitFromUs, endsUs, changedAtUs, knownDefect, right, everyMinutes, sma, feeds, ...obra }: Obra): ObraView {
  const monthly = right.monthly?.map((row) => (row === null ? null : { ...(row.flowLps === undefined ? {} : { flowLps: row.flowLps }), ...(row.volumeM3 === undefined ? {} : { volumeM3: row.volumeM3 }) }));
  return {
    ...obra, everyMinutes: everyMinutes ?? null, feeds: [...feeds], sma: sma ?? null,
    right: { flowLps: right.flowLps ?? null, annualM3: right.annualM3 ?? null, monthly: monthly ?? null, tolerance: right.tolerance },
    knownDefect: knownDefect === undefined ? null : { since: formatInstant(knownDefect.sinceUs), reason: knownDefect.reason },
    submitFrom: formatInstant(submitFromUs), endsAt: endsUs === undefined ? null : formatInstant(endsUs), changedAt: formatInstant(changedAtUs),
  };
}

/** Throws RefusedObra for instants that cannot be read. */
export function draftOfBody(regulator: RegulatorName, code: string, body: Omit<ObraBody, "reason">): ObraDraft {
  const { version: _version, regulator: _regulator, code: _code, work: _work, changedBy: _by, changedAt: _at, submitFrom, endsAt, knownDefect, ...said } = body;
  const findings: ObraFinding[] = [];
  const read = (text: string, ...path: readonly string[]): number => {
    const atUs = parseInstant(text.trim(), REGULATOR_ZONE);
    if (atUs === undefined) findings.push({ path, text: { en: "no instant, such as 2026-01-31T00:00:00-04:00", es: "no es un instante, como 2026-01-31T00:00:00-04:00" } });
    return atUs ?? 0;
  };
  const draft: ObraDraft = {
    ...said, regulator, code, submitFromUs: read(submitFrom, "submitFrom"),
    endsUs: endsAt === null || endsAt === undefined ? undefined : read(endsAt, "endsAt"),
    knownDefect: knownDefect === null || knownDefect === undefined ? undefined : { sinceUs: read(knownDefect.since, "knownDefect", "since"), reason: knownDefect.reason },
  };
  if (findings.length > 0) throw new RefusedObra(findings);
  return draft;
}

/** What instants of a draft are called in bodies. */
const bodyNames: Readonly<Record<string, string>> = { submitFromUs: "submitFrom", endsUs: "endsAt", sinceUs: "since" };

/** Where a finding stands in the body of PUT. */
export function bodyPath(path: readonly (string | number)[]): string {
  return ["body", ...path.map((step) => bodyNames[step] ?? step)].join(".");
}

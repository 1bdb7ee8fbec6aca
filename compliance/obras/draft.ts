import { z } from "zod";
import type { Standard } from "../regulators/regulator.ts";
import { regulatorNames } from "../regulators/regulators.ts";

export { regulatorNames };
const standards = ["mayor", "medio", "menor", "caudales-muy-pequenos", "custom"] as const;
const waterKinds = ["groundwater", "surface-flowmeter", "surface-channel"] as const;
const quantities = ["flow", "total", "depth", "stage"] as const;
const sendModes = ["off", "shadow", "live"] as const;

/** Feeds that a work may have. */
const MAX_FEEDS = 50;

/** Days that a standard leaves before an unsent slot must be declared; a custom one gets the shortest. */
export const permittedDelayDays: Readonly<Record<Standard, number>> = { mayor: 7, medio: 15, menor: 30, "caudales-muy-pequenos": 30, custom: 7 };

const NO_CONTROL = /^\P{Cc}*$/u;
const POINT = /^[0-9A-Za-z][\w.-]{0,63}$/;
const VARIABLE = /^[a-z][a-z0-9_]{0,63}$/;

/** What was not said, in words or as null, is undefined. */
const absent = <S extends z.ZodType>(schema: S) => schema.nullish().transform((value) => value ?? undefined);
const positive = z.number().positive().max(1e12);
const idText = z.string().trim().min(1).max(128).regex(NO_CONTROL, "no control characters");
/** Why somebody did something. */
export const reasonText = z.string().trim().min(1).max(1000).regex(NO_CONTROL, "no control characters");
const instantUs = z.int().min(0).max(7_258_118_400_000_000);

const rightRow = z.strictObject({ flowLps: absent(positive), volumeM3: absent(positive) });

/** What a person says of a work, whatever the form in which instants are written; what does not go together is told by `draftFindings`. */
export const draftFields = {
  client: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, "a-z, 0-9, -; 1-63"),
  name: idText,
  standard: z.enum(standards),
  everyMinutes: absent(z.int().min(1).max(44_640)).describe("Minutes between slots; of standard custom only."),
  water: z.enum(waterKinds),
  levelMayBeMissing: z.boolean().default(false).describe("Water met in mining, and gates that compute their flow by themselves."),
  centreRut: z.string().min(1).max(20),
  informantRut: z.string().min(1).max(20),
  feeds: z.array(z.strictObject({ quantity: z.enum(quantities), point: z.string().regex(POINT, "letters, digits, . _ -; 1-64"), variable: z.string().regex(VARIABLE, "a-z, 0-9, _, a letter first; 1-64") })).min(1).max(MAX_FEEDS).describe("Several of flow and of total are added up."),
  right: z.strictObject({
    flowLps: absent(positive), annualM3: absent(positive),
    monthly: absent(z.array(rightRow.nullable()).length(12)).describe("January first; null where the month has none of its own."),
    tolerance: z.number().min(0).max(1).default(0.2),
  }).prefault({}),
  permittedDelayDays: absent(z.int().min(1).max(366)).describe("That of the standard when absent: 7, 15, 30, 30."),
  windowMinutes: z.number().positive().max(720).default(5),
  settleMinutes: z.number().min(0).max(45).default(10),
  mode: z.enum(sendModes).default("off"),
  sma: absent(z.strictObject({ ufId: idText, procesoId: idText, dispositivoId: idText })),
};

/** A draft with its instants in microseconds since 1970 UTC. */
export const draftSchema = z.strictObject({
  regulator: z.enum(regulatorNames),
  code: z.string().min(1).max(64),
  ...draftFields,
  knownDefect: absent(z.strictObject({ sinceUs: instantUs, reason: reasonText })),
  submitFromUs: instantUs,
  endsUs: absent(instantUs),
});

type DraftInput = z.input<typeof draftSchema>;
type RightInput = NonNullable<DraftInput["right"]>;

/** What `ObraBook.put` takes; what is absent gets its default. */
export type ObraDraft = Omit<DraftInput, "feeds" | "right"> & {
  readonly feeds: readonly Readonly<DraftInput["feeds"][number]>[];
  readonly right?: (Omit<RightInput, "monthly"> & { readonly monthly?: readonly NonNullable<RightInput["monthly"]>[number][] | null | undefined }) | undefined;
};
export type ReadDraft = z.output<typeof draftSchema>;

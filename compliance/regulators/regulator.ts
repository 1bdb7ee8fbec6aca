/** What a regulator asks of a work, by the water it takes. */
export type WaterKind = "groundwater" | "surface-flowmeter" | "surface-channel";

/** How often, and by which rules, a work reports. Which one holds is said by a regional resolution, so it is configured, never computed. */
export type Standard = "mayor" | "medio" | "menor" | "caudales-muy-pequenos" | "custom";

/** Ids that only the SMA knows. */
export interface SmaIds {
  readonly ufId: string;
  readonly procesoId: string;
  readonly dispositivoId: string;
}

/** A work as its regulator knows it. Ids of one regulator never stand in the place of another's. */
export interface RegisteredWork {
  readonly code: string;
  readonly water: WaterKind;
  readonly standard: Standard;
  /** RUT of the control centre that sends, and of the informant of the work. */
  readonly centreRut: string;
  readonly informantRut: string;
  /** Water met in mining, and gates that compute their flow by themselves, may leave out the level. */
  readonly levelMayBeMissing: boolean;
  readonly sma?: SmaIds | undefined;
}

/** What a slot can take of a work. */
export type Quantity = "flow" | "total" | "depth" | "stage";

/** What was measured at a slot's instant, exact; undefined where nothing was. */
export interface SlotValues {
  readonly flowLps?: number | undefined;
  readonly totalM3?: number | undefined;
  readonly depthM?: number | undefined;
  readonly stageM?: number | undefined;
}

/** What is going to be sent, without any secret: it never changes once it is frozen. */
export interface FrozenPayload {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The very bytes of the body, as JSON text, without the password. */
  readonly body: string;
}

/** Why values cannot be sent as they are: a person looks at them. */
export type BlockedReason = "flow-required" | "total-required" | "level-required" | "stage-required" | "negative" | "too-many-digits" | "not-finite" | "code" | "rut";

export type Freezing = { readonly kind: "frozen"; readonly payload: FrozenPayload } | { readonly kind: "blocked"; readonly reason: BlockedReason; readonly field: string };

/** An answer as it came; undefined body where none could be read. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * What came of a POST. accepted: the regulator has it, whether it said so now or that it had it already; without a voucher a person looks for it, and nothing is sent
 * again. refused: it has it not; permanent refusals stop the work. unknown: nobody knows.
 */
export type Outcome =
  | { readonly kind: "accepted"; readonly voucher: string | null; readonly by: "answer" | "duplicate"; readonly message: string }
  | { readonly kind: "refused"; readonly permanent: boolean; readonly code: string; readonly message: string }
  | { readonly kind: "unknown"; readonly why: "no-answer" | "server-fault" | "not-understood" | "blocked"; readonly message: string };

/** What the regulator holds under a voucher, held against what was sent. */
export type Verification =
  | { readonly kind: "verified" }
  | { readonly kind: "mismatch"; readonly fields: readonly { readonly field: string; readonly sent: string; readonly held: string }[] }
  | { readonly kind: "not-found"; readonly message: string }
  | { readonly kind: "unknown"; readonly message: string };

/** What a person gives so that a work can be sent for. Kept encrypted; never in an output. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/**
 * A regulator, as its folder implements it. It sends one POST and never repeats it: when, how often and whether at all is decided before. Both calls resolve whatever happens on
 * the wire.
 */
export interface Regulator {
  readonly name: string;
  /** False where sending twice is not told by an answer: an unknown outcome then waits for a person. */
  readonly answersDuplicates: boolean;
  /** False where it has no address: then nothing may be tried; true when absent. */
  readonly sends?: boolean;
  /** False where what is held cannot be asked back; true when absent. */
  readonly verifies?: boolean;
  freeze(work: RegisteredWork, slotUs: number, values: SlotValues): Freezing;
  send(payload: FrozenPayload, given: { readonly credentials: Credentials; readonly nowUs: () => number; readonly signal: AbortSignal }): Promise<SendResult>;
  verify(payload: FrozenPayload, voucher: string, given: { readonly credentials: Credentials | undefined; readonly signal: AbortSignal }): Promise<Verification>;
}

/** The outcome beside what came over the wire, of which the ledger keeps the first kilobytes; never a secret. */
export interface SendResult {
  readonly outcome: Outcome;
  readonly httpStatus: number | null;
  readonly answer: string | null;
  readonly tookMs: number;
}

import { readWork } from "./obra-status.ts";
import { asInstantMs, asList, asNumberOrNull, asRecord, asText } from "./read.ts";
import { readFigures, readSlot, type Slot, type SlotFigures } from "./slot.ts";

/** Values that a person said in the place of measured ones; a second person has to agree. */
export interface EditProposal {
  readonly by: string;
  readonly atMs: number | null;
  /** Why, of a closed list, and in the person's own words. */
  readonly code: string;
  readonly reason: string;
  /** Only what is changed. */
  readonly values: SlotFigures | null;
}

/** A slot near a held one. */
export interface Neighbour {
  readonly slotMs: number;
  readonly standing: string;
  readonly values: SlotFigures | null;
}

/** A slot that waits for a person, with what is known around it. */
export interface HeldSlot extends Slot {
  readonly work: string;
  readonly regulator: string;
  readonly code: string;
  readonly client: string;
  readonly name: string;
  readonly water: string;
  readonly sinceMs: number | null;
  /** Why it is held, in words. */
  readonly why: readonly string[];
  /** What may be taken in a second in its month; null where nobody said it. */
  readonly rightLps: number | null;
  /** Why it cannot be confirmed as it is; empty where it can. */
  readonly blocked: string;
  /** What would be sent if it were confirmed; empty where it cannot be. */
  readonly wouldSend: string;
  readonly neighbours: readonly Neighbour[];
  readonly proposal: EditProposal | null;
}

export function readHeldSlot(value: unknown): HeldSlot | undefined {
  const row = asRecord(value);
  const slot = readSlot(value);
  const parts = readWork(row);
  if (slot === undefined || parts === undefined) return undefined;
  const blocked = asRecord(row["blocked"]);
  return {
    ...slot, ...parts, client: asText(row["client"]), name: asText(row["name"], parts.code), water: asText(row["water"]), sinceMs: asInstantMs(row["since"]),
    why: asList(row["why"], (item) => asText(asRecord(item)["text"], asText(asRecord(item)["code"])) || undefined), rightLps: asNumberOrNull(asRecord(row["right"])["flowLps"]),
    blocked: asText(blocked["text"], asText(blocked["reason"])), wouldSend: asText(asRecord(row["wouldSend"])["body"]), neighbours: asList(row["neighbours"], readNeighbour), proposal: readProposal(row["edit"]),
  };
}

function readNeighbour(value: unknown): Neighbour | undefined {
  const row = asRecord(value);
  const slotMs = asInstantMs(row["slot"]);
  return slotMs === null ? undefined : { slotMs, standing: asText(row["standing"]), values: readFigures(row["values"]) };
}

function readProposal(value: unknown): EditProposal | null {
  const row = asRecord(value);
  const by = asText(row["author"]);
  return by === "" ? null : { by, atMs: asInstantMs(row["at"]), code: asText(row["code"], "other"), reason: asText(row["reason"]), values: readFigures(row["values"]) };
}

import { isText, isWhole, type Fields } from "./fields.ts";

/** Where a slot stands after the entries so far. */
export interface Slot {
  standing: string;
  attempts: number;
  /** The regulator's day of the newest attempt. */
  day: string;
  voucher: string | null;
  acceptedUs: number | null;
  version: number;
  lateRevisions: number;
  /** SHA-256 of the newest frozen payload. */
  frozen: string;
}

export interface EntryFields {
  readonly atUs: number;
  readonly body: Fields;
}

const DAY_US = 86_400_000_000;
const BEHIND_US = 4 * 3_600_000_000;
/** The day of an attempt is read from the clock before the entry is made: up to a minute before. */
const BEFORE_US = 60_000_000;

const sent = new Set(["accepted", "verified", "mismatch", "not-found"]);
const closed = new Set([...sent, "accepted-no-voucher", "annulled", "written-off"]);
const maySend = new Set(["ready", "unknown", "refused", "refused-for-good", "sending"]);
const outcomes = new Set(["accepted", "refused", "refused-for-good", "unknown"]);
const results = new Set(["verified", "mismatch", "not-found"]);

export function newSlot(): Slot {
  return { standing: "expected", attempts: 0, day: "", voucher: null, acceptedUs: null, version: 0, lateRevisions: 0, frozen: "" };
}

/** Day on the regulator's clock, UTC-4 all year. */
export function dayOf(timeUs: number): string {
  return new Date(Math.floor((timeUs - BEHIND_US) / DAY_US) * (DAY_US / 1000)).toISOString().slice(0, 10);
}

/** First instant after a day on that clock. */
export function dayEndUs(day: string): number {
  return Date.parse(day) * 1000 + BEHIND_US + DAY_US;
}

type Rule = (slot: Slot, entry: EntryFields) => string | undefined;

/** For each kind of entry about a slot: changes the slot, or says why the entry may not stand there. */
const rules: Readonly<Record<string, Rule>> = {
  frozen(slot, { body }) {
    if (closed.has(slot.standing)) return `frozen after ${slot.standing}`;
    if (slot.attempts > 0) return "frozen after an attempt";
    if (body["version"] !== slot.version + 1) return `version ${String(body["version"])} after version ${slot.version}`;
    if (!isText(body["sha256"])) return "frozen without a hash";
    slot.version++;
    slot.frozen = body["sha256"];
    slot.standing = "ready";
    return undefined;
  },
  held(slot) {
    if (closed.has(slot.standing) || slot.standing === "sending") return `held after ${slot.standing}`;
    if (slot.attempts > 0 && slot.standing !== "unknown") return "held after an attempt whose outcome is known";
    slot.standing = "held";
    return undefined;
  },
  reviewed(slot, { body }) {
    if (closed.has(slot.standing) || slot.standing === "sending") return `reviewed after ${slot.standing}`;
    if (body["decision"] === "annul") slot.standing = "annulled";
    else if (body["decision"] !== "confirm") return "reviewed without a decision";
    else if (slot.standing === "held") slot.standing = slot.version > 0 ? "ready" : "expected";
    return undefined;
  },
  attempt(slot, { atUs, body }) {
    const { attempt, day } = body;
    if (closed.has(slot.standing)) return `an attempt after ${slot.standing}`;
    if (!maySend.has(slot.standing)) return `an attempt while ${slot.standing}`;
    if (attempt !== slot.attempts + 1) return `attempt ${String(attempt)} after ${slot.attempts}`;
    if (!isText(day) || (day !== dayOf(atUs) && day !== dayOf(atUs - BEFORE_US))) return `an attempt of ${String(day)} written on ${dayOf(atUs)}`;
    if (day <= slot.day) return `a second attempt on ${day}`;
    if (body["sha256"] !== slot.frozen) return "an attempt with other bytes than were frozen";
    slot.attempts++;
    slot.day = day;
    slot.standing = "sending";
    return undefined;
  },
  outcome(slot, { atUs, body }) {
    const { attempt, outcome, voucher } = body;
    const mayEnd = slot.standing === "sending" || slot.standing === "unknown" || (slot.standing === "held" && slot.attempts > 0 && outcome === "accepted");
    if (attempt !== slot.attempts || !mayEnd) return `an outcome of attempt ${String(attempt)} while ${slot.standing} after attempt ${slot.attempts}`;
    if (!isText(outcome) || !outcomes.has(outcome)) return "an outcome that is none";
    if (outcome !== "accepted") slot.standing = outcome;
    else accept(slot, voucher, atUs);
    return undefined;
  },
  verification(slot, { body }) {
    if (!sent.has(slot.standing)) return `verified while ${slot.standing}`;
    if (!isText(body["result"]) || !results.has(body["result"])) return "a verification without a result";
    if (body["voucher"] !== slot.voucher) return "a verification of another voucher";
    slot.standing = body["result"];
    return undefined;
  },
  "late-revision"(slot) {
    slot.lateRevisions++;
    return undefined;
  },
  imported(slot, { atUs, body }) {
    if (closed.has(slot.standing)) return `imported after ${slot.standing}`;
    accept(slot, body["voucher"], atUs);
    return undefined;
  },
  "written-off"(slot) {
    if (closed.has(slot.standing) || slot.standing === "sending") return `written off after ${slot.standing}`;
    slot.standing = "written-off";
    return undefined;
  },
};

function accept(slot: Slot, voucher: unknown, atUs: number): void {
  slot.voucher = isText(voucher) ? voucher : null;
  slot.standing = slot.voucher === null ? "accepted-no-voucher" : "accepted";
  slot.acceptedUs = atUs;
}

/** Folds an entry into its slot; why it may not stand there, when it may not. */
export function fold(slot: Slot, entry: EntryFields): string | undefined {
  const kind = entry.body["kind"];
  const rule = isText(kind) && Object.hasOwn(rules, kind) ? rules[kind] : undefined;
  if (!isWhole(entry.atUs)) return "an entry without a time";
  return rule === undefined ? `an entry of the kind ${String(kind)}, which is not known here` : rule(slot, entry);
}

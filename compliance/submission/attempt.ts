import { atStep } from "@caudal/runtime";
import type { LedgerEntry } from "../ledger/entry.ts";
import { wireDay } from "../regulators/dga/wire-time.ts";
import type { Credentials, FrozenPayload, SendResult } from "../regulators/regulator.ts";
import { mayBeSent } from "../slots/slot-state.ts";
import type { WorkLook } from "./look.ts";
import { nextSend } from "./next-send.ts";
import { BY, type SubmitterParts } from "./options.ts";
import type { WorkTimes } from "./work-times.ts";

/** An attempt that stands in the chain, and with what. */
export interface Claim {
  readonly slotUs: number;
  readonly attempt: number;
  readonly day: string;
  readonly entry: LedgerEntry;
  readonly payload: FrozenPayload;
}

export interface Frozen {
  readonly version: number;
  readonly sha256: string;
  readonly payload: FrozenPayload;
}

/** The newest bytes that were frozen for a slot; undefined where none were. */
export async function frozenOf({ ledger }: Pick<SubmitterParts, "ledger">, work: string, slotUs: number): Promise<Frozen | undefined> {
  const entries = await ledger.entriesOf(work, slotUs);
  for (const { body } of entries.toReversed()) {
    if (body.kind === "frozen") return { version: body.version, sha256: body.sha256, payload: { path: body.path, headers: body.headers, body: body.payload } };
  }
  return undefined;
}

/**
 * Writes the attempt at a work's next slot into its chain. What was seen when it was looked at is decided again on what the chain says at the moment of writing, so of two that want to send one does.
 * Undefined when somebody else sends, sent, stopped the work or changed the slot.
 */
export async function claim(parts: SubmitterParts, times: WorkTimes, { obra, waiting }: WorkLook, slotUs: number): Promise<Claim | undefined> {
  const { slots, ledger, clock, faults } = parts;
  const frozen = await frozenOf(parts, obra.work, slotUs);
  if (frozen === undefined) return undefined;
  const chain = await ledger.chain(obra.work);
  const entry = await atStep(faults, "compliance/submission.attempt", () => slots.append(obra, slotUs, {
    by: BY,
    decide: (state) => {
      if (chain.stopped !== undefined || !mayBeSent(state) || state.standing === "sending" || state.version !== frozen.version) return undefined;
      const nowUs = clock.nowUs();
      const now = waiting.map((each) => (each.slotUs === slotUs ? state : each));
      const next = nextSend({ waiting: now, lastSendUs: times.lastSendUs(obra.work, chain.lastAttempt), isSending: chain.lastAttempt?.isOpen === true }, { nowUs, dayOf: wireDay });
      if (next?.slotUs !== slotUs || next.dueUs > nowUs) return undefined;
      return { kind: "attempt", slotUs, attempt: state.attempts + 1, day: wireDay(nowUs), sha256: frozen.sha256 };
    },
  }));
  if (entry?.body.kind !== "attempt") return undefined;
  times.began(obra.work, entry.atUs);
  return { slotUs, attempt: entry.body.attempt, day: entry.body.day, entry, payload: frozen.payload };
}

/**
 * The POST of an attempt. The last thing before the socket is a look at the clock: undefined when the attempt is too old by then, or of another day, and nothing was sent. What does not answer in
 * time, or fails in a way that it should not, is an outcome nobody knows.
 */
export async function post(parts: SubmitterParts, times: WorkTimes, { obra, regulator }: WorkLook, given: { readonly claim: Claim; readonly credentials: Credentials }): Promise<SendResult | undefined> {
  const { clock, pace, sleep, faults } = parts;
  const { entry, day, payload } = given.claim;
  await faults.reach("compliance/submission.post/before");
  const nowUs = clock.nowUs();
  if (times.ageMs(obra.work, entry) > pace.staleMs || wireDay(nowUs) !== day) return undefined;
  // The regulator paces by what it gets: a socket that opens late counts from then.
  times.began(obra.work, entry.atUs);
  const startedMs = clock.monotonicMs();
  const patience = new AbortController();
  const answered = new AbortController();
  const unknown = (message: string): SendResult => ({ outcome: { kind: "unknown", why: "no-answer", message }, httpStatus: null, answer: null, tookMs: clock.monotonicMs() - startedMs });
  const late = sleep(pace.timeoutMs, answered.signal).then(() => {
    patience.abort();
    return unknown("timeout");
  }, () => unknown("timeout"));
  const sent = regulator.send(payload, { credentials: given.credentials, nowUs: () => clock.nowUs(), signal: patience.signal }).catch((error: unknown) => unknown(error instanceof Error ? error.name : "failed"));
  try {
    return await Promise.race([sent, late]);
  } finally {
    answered.abort();
    await faults.reach("compliance/submission.post/after");
  }
}

import type { JudgedWork, JudgeInput, Tell } from "./judge-input.ts";
import type { BookedRequest } from "./ministry.ts";
import { iso } from "./regulator-day.ts";

const HOUR_MS = 3_600_000;
const APART_MS = 5 * 60_000;
/** A centre's turn, its lease and a little more: so long a process may go on sending for a centre that another has taken meanwhile. */
const TURN_MS = 3 * 60_000;
const waits = new Set(["ready", "unknown", "refused", "refused-for-good", "sending"]);

/** One POST at a time of a control centre, but where a process runs that takes no leases, or a clock that was set, or a process that stood still, took the lease from who was sending. */
export function judgeCentres({ booked, clockSteps, heldSpans, unleasedSpans }: Pick<JudgeInput, "booked" | "clockSteps" | "heldSpans" | "unleasedSpans">, { find, count }: Pick<Tell, "find" | "count">): void {
  for (const [centre, requests] of Map.groupBy(booked.filter(({ method }) => method === "POST"), (request) => request.centre)) {
    let before: BookedRequest | undefined;
    for (const request of requests) {
      if (before !== undefined && request.atMs < before.endMs) {
        const { atMs } = request;
        const isLeaseLost = clockSteps.some((step) => step.byMs !== 0 && step.atMs <= atMs && step.atMs > atMs - TURN_MS) || heldSpans.some(({ fromMs, toMs }) => fromMs <= atMs && toMs > atMs - TURN_MS);
        if (unleasedSpans.some(({ fromMs, toMs }) => fromMs <= atMs && toMs > atMs - TURN_MS)) count("POSTs of a centre at once because one of two processes takes no leases");
        else if (isLeaseLost) count("POSTs of a centre at once because its lease was lost by a clock that was set or a process that stood still");
        else find("centre-not-serial", `${centre ?? ""}: ${iso(request.atMs)} ${request.code} while ${before.code} waited until ${iso(before.endMs)}`);
      }
      if (before === undefined || request.endMs > before.endMs) before = request;
    }
  }
}

interface Pacing {
  readonly clockSteps: JudgeInput["clockSteps"];
  readonly find: Tell["find"];
  readonly count: Tell["count"];
}

/** Five minutes between two POSTs of a work, unless the second was of a fresh slot that waited alone. */
export function judgePacing(work: JudgedWork, posts: readonly BookedRequest[], { clockSteps, find, count }: Pacing): void {
  const standing = new Map<number, string>();
  const frozen = new Set<number>();
  let waiting = 0;
  /** Attempts that may not be nearer than five minutes to the POST before. */
  const apart = new Map<string, boolean>();
  const move = (slotUs: number, to: string): void => {
    waiting += Number(waits.has(to)) - Number(waits.has(standing.get(slotUs) ?? ""));
    standing.set(slotUs, to);
  };
  for (const { entry: { body, atUs }, writtenMs } of work.entries) {
    if (body.kind === "attempt") {
      apart.set(`${body.slotUs / 1000}/${body.attempt}`, waiting > 1 || body.attempt > 1 || (Math.min(writtenMs, atUs / 1000) - body.slotUs / 1000) > HOUR_MS);
      move(body.slotUs, "sending");
    } else if (body.kind === "frozen") {
      frozen.add(body.slotUs);
      move(body.slotUs, "ready");
    } else if (body.kind === "outcome") move(body.slotUs, body.outcome);
    else if (body.kind === "held" || body.kind === "written-off") move(body.slotUs, body.kind);
    else if (body.kind === "reviewed") move(body.slotUs, body.decision === "annul" ? "annulled" : standing.get(body.slotUs) !== "held" ? (standing.get(body.slotUs) ?? "") : frozen.has(body.slotUs) ? "ready" : "expected");
  }
  let before: BookedRequest | undefined;
  for (const post of posts) {
    const slotMs = post.instantMs!;
    const number = work.entries.filter(({ entry: { body }, writtenMs }) => before !== undefined && post.atMs - before.atMs < APART_MS && body.kind === "attempt" && body.slotUs / 1000 === slotMs && writtenMs <= post.atMs).length;
    if (before !== undefined && post.atMs - before.atMs < APART_MS && apart.get(`${slotMs}/${number}`) === true) {
      const near = before;
      const isClockSet = clockSteps.some(({ atMs, byMs }) => byMs > 0 && atMs >= near.atMs && atMs <= post.atMs);
      if (isClockSet) count("sends nearer than five minutes because the clock was set forward between them");
      else find("pacing", `${work.work}: ${iso(near.atMs)} and ${iso(post.atMs)}, ${((post.atMs - near.atMs) / 1000).toFixed(3)} s apart`);
    }
    before = post;
  }
}

export function offsetAt(clockSteps: JudgeInput["clockSteps"], atMs: number): number {
  return clockSteps.reduce((sum, step) => (step.atMs <= atMs ? sum + step.byMs : sum), 0);
}

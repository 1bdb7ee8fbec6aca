import type { SlotRow } from "../../compliance/slots/slot-row.ts";
import type { StoredMeasurement } from "../../sandbox/regulators/held.ts";
import { FindingList } from "../../verifier/finding.ts";
import type { Slot } from "../../verifier/slot-rules.ts";
import { chainOf, judgeRoots } from "./judge-chains.ts";
import type { JudgedWork, JudgeInput, Tell, Verdict, Violation } from "./judge-input.ts";
import { byValue, judgeRevisions } from "./judge-revisions.ts";
import { judgeCentres, judgePacing, offsetAt } from "./judge-sends.ts";
import type { BookedRequest } from "./ministry.ts";
import { dayOf, DAY_MS, iso } from "./regulator-day.ts";

const HOUR_MS = 3_600_000;
/** A clock that is wrong by this at most may take the regulator's midnight for another moment. */
const CLOCK_WRONG_MS = 10 * 60_000;
const accepted = new Set(["accepted", "accepted-no-voucher", "verified", "mismatch", "not-found"]);
/** What excuses an accepted slot that the regulator does not tell as it was sent. */
const lies = new Set(["forgets", "stores-other-value", "repeats-voucher", "get-not-found", "get-other-value"]);

/** Compares chains, rows and the regulator's books; knows nothing of the service but the entries' form. */
export function judge(input: JudgeInput): Verdict {
  const findings: { violation: Violation; detail: string }[] = [];
  const figures: Record<string, number> = {};
  const standings: Record<string, number> = {};
  const count = (figure: string, by = 1): void => void (figures[figure] = (figures[figure] ?? 0) + by);
  const find = (violation: Violation, detail: string): void => void findings.push({ violation, detail });
  const posts = Map.groupBy(input.booked.filter(({ method, instantMs }) => method === "POST" && instantMs !== null), ({ code }) => code);
  const held = Map.groupBy(input.held, ({ codigoObra }) => codigoObra);
  count("POSTs", input.booked.filter(({ method }) => method === "POST").length);
  count("GETs", input.booked.filter(({ method }) => method === "GET").length);
  count("measurements held by the regulator", input.held.length);
  judgeCentres(input, { find, count });
  const corrections = byValue(input.corrections);
  for (const work of input.works) {
    const list = new FindingList();
    const slots = chainOf(work, list, judgeRoots(work, input, { find, count }));
    for (const { fault, detail, seq } of list.list) find(fault.startsWith("root-") ? "root" : "chain", `${work.work} entry ${seq ?? -1}: ${fault}: ${detail}`);
    count("ledger entries", work.entries.length);
    judgeRevisions(work, corrections, { find, count, endMs: input.endMs });
    judgeWork({ work, slots, posts: posts.get(work.code) ?? [], held: held.get(work.code) ?? [], clockSteps: input.clockSteps, endMs: input.endMs }, { find, count, standings });
  }
  return { findings, figures, standings };
}

interface Case {
  readonly work: JudgedWork;
  readonly slots: ReadonlyMap<number, Slot>;
  readonly posts: readonly BookedRequest[];
  readonly held: readonly StoredMeasurement[];
  readonly clockSteps: JudgeInput["clockSteps"];
  readonly endMs: number;
}

function judgeWork({ work, slots, posts, held, clockSteps, endMs }: Case, { find, count, standings }: Tell): void {
  const name = (slotMs: number): string => `${work.work} ${iso(slotMs)}`;
  const postsOf = Map.groupBy(posts, ({ instantMs }) => instantMs!);
  const heldAt = Map.groupBy(held, ({ instantMs }) => instantMs);
  const entriesOf = Map.groupBy(work.entries.filter(({ entry }) => "slotUs" in entry.body), ({ entry }) => (entry.body as { slotUs: number }).slotUs / 1000);
  const isStopped = work.entries.findLast(({ entry: { body } }) => body.kind === "stopped" || body.kind === "resumed")?.entry.body.kind === "stopped";
  for (const [slotMs, some] of heldAt) {
    if (some.length > 1) find("stored-twice", `${name(slotMs)}: ${some.length} times`);
    if (!entriesOf.get(slotMs)?.some(({ entry }) => entry.body.kind === "attempt")) find("held-unknown-to-us", name(slotMs));
  }
  for (const [slotMs, some] of postsOf) {
    const entries = entriesOf.get(slotMs) ?? [];
    const attempts = entries.filter(({ entry }) => entry.body.kind === "attempt");
    if (some.filter(({ stored }) => stored).length > 1) find("stored-twice", `${name(slotMs)}: stored by two POSTs`);
    const acceptedMs = entries.find(({ entry: { body } }) => (body.kind === "outcome" && body.outcome === "accepted") || body.kind === "imported")?.writtenMs ?? Infinity;
    for (const post of some) {
      if (post.atMs > acceptedMs) find("post-after-accepted", `${name(slotMs)}: POST at ${iso(post.atMs)}, accepted in the ledger at ${iso(acceptedMs)}`);
      if (attempts.filter(({ writtenMs }) => writtenMs <= post.atMs).length < some.filter(({ atMs }) => atMs <= post.atMs).length) find("post-without-attempt", `${name(slotMs)}: POST at ${iso(post.atMs)}`);
    }
    for (const [day, sameDay] of Map.groupBy(some, ({ atMs }) => dayOf(atMs))) {
      if (sameDay.length < 2) continue;
      const isEdge = sameDay.length === 2 && sameDay.some(({ atMs }) => dayOf(atMs - CLOCK_WRONG_MS) !== day || dayOf(atMs + CLOCK_WRONG_MS) !== day) && sameDay.some(({ atMs }) => offsetAt(clockSteps, atMs) !== 0);
      if (isEdge) count("second POSTs of a day by a clock that was wrong at midnight");
      else find("two-posts-a-day", `${name(slotMs)}: ${sameDay.map(({ atMs }) => iso(atMs)).join(" ")}`);
    }
    const days = attempts.map(({ entry: { body } }) => (body.kind === "attempt" ? body.day : ""));
    if (new Set(days).size !== days.length) find("two-attempts-a-day", `${name(slotMs)}: ${days.join(" ")}`);
  }
  judgePacing(work, posts, { clockSteps, find, count });
  const rows = new Set<number>();
  for (const row of work.rows) {
    const slotMs = row.slotUs / 1000;
    rows.add(row.slotUs);
    count("slots");
    if (row.late) count("accepted late");
    if (row.lateFailure) count("late failures noted");
    standings[row.standing] = (standings[row.standing] ?? 0) + 1;
    const slot = slots.get(row.slotUs);
    if ((slot?.standing ?? "expected") !== row.standing || (slot?.voucher ?? null) !== row.state.voucher || (slot?.attempts ?? 0) !== row.state.attempts) find("row-not-ledger", `${name(slotMs)}: row ${row.standing}, ledger ${slot?.standing ?? "nothing"}`);
    const why = explained(row, { isStopped, endMs, held: heldAt.get(slotMs) ?? [], posts: postsOf.get(slotMs) ?? [] });
    if (why !== undefined) find(row.standing === "accepted" ? "voucher-unverified" : "unexplained-slot", `${name(slotMs)} (${row.standing}): ${why}`);
  }
  for (const slotUs of slots.keys()) if (!rows.has(slotUs)) find("row-not-ledger", `${name(slotUs / 1000)}: the ledger tells of it and no row does`);
}

interface Context {
  readonly isStopped: boolean;
  readonly endMs: number;
  readonly held: readonly StoredMeasurement[];
  readonly posts: readonly BookedRequest[];
}

/** Why a slot's row does not fit what is known otherwise; undefined where it does. */
function explained(row: SlotRow, { isStopped, endMs, held, posts }: Context): string | undefined {
  const { standing, reasons, state: { voucher }, slotUs } = row;
  const quirks = new Set(posts.flatMap((post) => post.quirks));
  const isLied = [...quirks].some((quirk) => lies.has(quirk));
  if (standing === "expected") return reasons.length > 0 || slotUs / 1000 > endMs - 2 * HOUR_MS ? undefined : "a hole without a reason";
  if (standing === "held") return reasons.length > 0 ? undefined : "held without a reason";
  if (standing === "annulled" || standing === "written-off") return undefined;
  if (accepted.has(standing)) {
    if (held.length === 0 && !isLied) return "we say accepted, and the regulator has it not";
    if (standing === "accepted") return "its voucher was never asked for";
    if (standing === "verified" && held[0]?.voucher !== voucher && !quirks.has("repeats-voucher")) return `verified under ${voucher ?? ""}, held under ${held[0]?.voucher ?? "nothing"}`;
    return undefined;
  }
  if (isStopped) return undefined;
  return posts.length > 0 && posts.at(-1)!.atMs > endMs - 2 * DAY_MS ? undefined : "it waits, and nobody stopped its work";
}

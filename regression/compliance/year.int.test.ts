import assert from "node:assert/strict";
import { test } from "node:test";
import { openCodec } from "../simulation/run/services.ts";
import { takeOver } from "../simulation/time/take-over.ts";
import { judge } from "./judge.ts";
import { violations, type JudgeInput, type Violation } from "./judge-input.ts";
import type { BookedRequest } from "./ministry.ts";
import { isGood, reportOf, withSection } from "./report.ts";
import { runYear, type JudgedYear } from "./run-year.ts";

takeOver();

const SEEDS = ["caudal-a", "caudal-b", "caudal-c"];
const years = new Map<string, JudgedYear>();

async function year(seed: string): Promise<JudgedYear> {
  const known = years.get(seed) ?? (await runYear({ seed, works: 12, days: 6, codec: await openCodec() }));
  years.set(seed, known);
  return known;
}

for (const seed of SEEDS) {
  test(`twelve works of all standards for some days with every trouble (seed ${seed}): nothing twice, nothing unexplained, every byte that is flipped is found`, async () => {
    const found = await year(seed);
    assert.deepEqual(found.run.faults, []);
    assert.deepEqual(found.verdict.findings, []);
    assert.ok(isGood(found), JSON.stringify(found.flipped));
    const { POSTs = 0, slots = 0 } = found.verdict.figures;
    // One of the two hourly works may be of those whose informant the regulator does not know.
    assert.ok(slots > 250 && POSTs > slots * 0.4, JSON.stringify(found.verdict.figures));
    assert.ok((found.verdict.standings["verified"] ?? 0) > slots * 0.3, JSON.stringify(found.verdict.standings));
    assert.ok(found.run.windowsOfTwo > 0 && (found.verdict.figures["late revisions"] ?? 0) > 0, JSON.stringify(found.verdict.figures));
    assert.ok(found.run.endedAt.size > 3 && found.run.clockSteps.length > 2, "processes were ended and clocks were set");
    assert.ok(found.run.booked.some(({ quirks }) => quirks.includes("stores-then-drops") || quirks.includes("stores-then-500")), "the regulator was hostile");
  });
}

test("the same seed lives the same days", async () => {
  const once = async (): Promise<string> => (await runYear({ seed: "again", works: 3, days: 2, codec: await openCodec() })).digest;
  assert.equal(await once(), await once());
});

type Change = (input: Mutable) => void;
type Mutable = {
  works: { work: string; code: string; entries: { entry: Record<string, unknown> & { body: Record<string, unknown> }; writtenMs: number }[]; rows: (Record<string, unknown> & { slotUs: number; standing: string })[]; roots: unknown[] }[]; booked: BookedRequest[]; held: { instantMs: number; codigoObra: string }[];
  corrections: { point: string; variable: string; instantUs: number; value: number; toldMs: number }[]; clockSteps: unknown[]; heldSpans: unknown[]; unleasedSpans: unknown[];
};

const posts = ({ booked }: Mutable): BookedRequest[] => booked.filter(({ method, stored, instantMs }) => method === "POST" && stored && instantMs !== null);
const noon = (post: BookedRequest): boolean => new Date(post.atMs).getUTCHours() > 8 && new Date(post.atMs).getUTCHours() < 20;
const add = (input: Mutable, post: BookedRequest): void => void (input.booked = [...input.booked, post].sort((a, b) => a.atMs - b.atMs));

/** A violation of each kind, put into what the judge reads. */
const planted: Readonly<Record<Violation, Change>> = {
  "stored-twice": (input) => void input.held.push({ ...input.held[5]! }),
  "post-after-accepted": (input) => add(input, { ...posts(input)[5]!, atMs: posts(input)[5]!.atMs + 5 * 86_400_000, endMs: 0 }),
  "two-posts-a-day": (input) => {
    const post = posts(input).find(noon)!;
    add(input, { ...post, atMs: post.atMs + 1_200_000, endMs: post.atMs + 1_200_001 });
  },
  "two-attempts-a-day": ({ works }) => {
    const { entries } = works[1]!;
    const attempt = entries.find(({ entry }) => entry.body["kind"] === "attempt")!;
    entries.push({ entry: { ...attempt.entry, seq: entries.length + 1 }, writtenMs: attempt.writtenMs + 1 });
  },
  pacing: (input) => {
    const retried = input.works.flatMap(({ code, entries }) => entries.filter(({ entry: { body } }) => body["kind"] === "attempt" && Number(body["attempt"]) > 1).map(({ entry }) => ({ code, instantMs: Number(entry.body["slotUs"]) / 1000 })));
    const post = retried.map(({ code, instantMs }) => input.booked.findLast((each) => each.method === "POST" && each.code === code && each.instantMs === instantMs)).find((each) => each !== undefined)!;
    add(input, { ...post, instantMs: post.instantMs! - 7_200_000, atMs: post.atMs - 60_000, endMs: post.atMs - 59_000 });
  },
  "centre-not-serial": (input) => {
    Object.assign(input, { clockSteps: [], heldSpans: [], unleasedSpans: [] });
    posts(input)[3]!.endMs += 5 * 86_400_000;
  },
  "post-without-attempt": (input) => add(input, { ...posts(input)[5]!, instantMs: 1_000_000_000_000 }),
  "unexplained-slot": (input) => {
    const { code, rows } = input.works[1]!;
    const row = rows.find(({ standing }) => standing === "verified")!;
    input.held = input.held.filter((each) => each.codigoObra !== code || each.instantMs !== row.slotUs / 1000);
    for (const post of input.booked) if (post.code === code && post.instantMs === row.slotUs / 1000) Object.assign(post, { quirks: [] });
  },
  "row-not-ledger": ({ works }) => void (works[1]!.rows.find(({ standing }) => standing === "verified")!.standing = "annulled"),
  "voucher-unverified": ({ works }) => void (works[1]!.rows.find(({ standing }) => standing === "verified")!.standing = "accepted"),
  "held-unknown-to-us": ({ held }) => void held.push({ ...held[5]!, instantMs: 1_000_000_000_000 }),
  root: ({ works }) => void works[1]!.roots.splice(3, 1),
  "revision-untold": ({ works, corrections }) => {
    const { entry, writtenMs } = works[1]!.entries.find((each) => each.entry.body["kind"] === "frozen")!;
    const [taken] = entry.body["taken"] as { point: string; variable: string; instantUs: number }[];
    corrections.push({ point: taken!.point, variable: taken!.variable, instantUs: taken!.instantUs, value: -1, toldMs: writtenMs + 1 });
  },
  chain: ({ works }) => {
    const { entry } = works[1]!.entries[10]!;
    entry["atUs"] = Number(entry["atUs"]) + 1;
  },
};

for (const violation of violations) {
  test(`the judge finds what is planted: ${violation}`, async () => {
    const { run } = await year(SEEDS[0]!);
    const { works, booked, held, clockSteps, heldSpans, unleasedSpans, corrections, rootKey, endMs } = run;
    const copy = structuredClone({ works, booked, held, clockSteps, heldSpans, unleasedSpans, corrections, rootKey, endMs }) as unknown as Mutable;
    planted[violation](copy);
    const { findings } = judge(copy as unknown as JudgeInput);
    assert.ok(findings.some((finding) => finding.violation === violation), JSON.stringify(findings.slice(0, 5)));
  });
}

test("a report tells the verdict, and findings by name", async () => {
  const found = await year(SEEDS[0]!);
  const head = { store: "simulated", command: "node main.ts", seed: "s", works: 12, days: 6, drainDays: 12, tookS: 1 } as const;
  assert.match(reportOf(found, head), /\| verdict \| nothing found \|/);
  const bad = { ...found, verdict: { ...found.verdict, findings: [{ violation: "pacing", detail: "two at once" } as const] } };
  assert.match(reportOf(bad, head), /\*\*findings\*\*[^]*\| pacing \| 1 \|[^]*- pacing: two at once/);
  const [one, other] = [reportOf(found, head), reportOf(found, { ...head, store: "mongo" })];
  const both = withSection(withSection("", "mongo", other), "simulated", one);
  assert.ok(both.includes(one) && both.includes(other) && both.indexOf(one) < both.indexOf(other));
  assert.equal(withSection(both, "mongo", other), both, "a section takes the place of its own, and the other stays");
});

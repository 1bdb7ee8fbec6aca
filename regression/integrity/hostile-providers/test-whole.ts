import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { HostileDay } from "./hostile-day.ts";

/** So much there must have been to lose. */
export interface Least {
  readonly rows: number;
  readonly corrected: number;
  readonly requests: number;
}

/** Nothing was found in a day that had something to lose: by the judge of the log, by the auditor of the whole way, in the sandbox's count of limits. */
export function assertWhole(t: TestContext, day: HostileDay, least: Least): void {
  const { lost, outdated, invented, exceeded, audit, ...figures } = day;
  t.diagnostic(JSON.stringify({ ...figures, outcomes: audit.outcomes, looked: audit.looked }));
  assert.deepEqual({ lost: lost.slice(0, 5), outdated: outdated.slice(0, 5), invented: invented.slice(0, 5), exceeded }, { lost: [], outdated: [], invented: [], exceeded: 0 });
  assert.deepEqual([audit.findings, audit.examples.slice(0, 5)], [{}, []]);
  assert.deepEqual(audit.notGiven, [], "log, archive, tiers, rollups, digests, parked events and the live stream were all looked at");
  for (const what of ["rows", "corrected", "requests"] as const) assert.ok(figures[what] >= least[what], `${figures[what]} ${what}: there was little to lose`);
  for (const outcome of ["stored", "superseded", "dropped:duplicate", "dropped:not-numeric", "parked:malformed-json"]) assert.ok((audit.outcomes[outcome] ?? 0) > 0, outcome);
  for (const tier of ["hot", "warm", "cold"]) assert.equal(audit.looked[`facts in ${tier}`], audit.outcomes["stored"], `${tier} holds each reading that stands, and nothing else`);
}

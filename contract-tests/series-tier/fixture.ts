import { randomUUID } from "node:crypto";
import type { SeriesTier } from "@caudal/core";

/** One tier under test. Suites use clients of their own, so fixtures may share a server. */
export interface SeriesTierFixture {
  /** Another object after `reopen`. */
  readonly tier: SeriesTier;
  /** Closes the tier and opens it again on what it stored. */
  reopen(): Promise<void>;
  /** Closes the tier and removes what it stored. */
  close(): Promise<void>;
}

export type SeriesTierFactory = (request: { readonly retentionMs: number | null }) => Promise<SeriesTierFixture>;

/** What an adapter may do otherwise, each with its reason, which is printed with the tests it changes. */
export interface SeriesTierQuirks {
  /** Counts of a batch add up, but what is stored, superseded and duplicate is not told apart exactly. */
  readonly roughCounts?: { readonly reason: string };
}

export interface SeriesTierSuiteOptions {
  readonly quirks?: SeriesTierQuirks;
  /** Runs of each property test; 20 when absent. */
  readonly propertyRuns?: number;
}

/** What each part of the suite is given. */
export interface SuiteContext {
  readonly factory: SeriesTierFactory;
  readonly quirks: SeriesTierQuirks;
  readonly propertyRuns: number;
}

export function newClient(): string {
  return `client-${randomUUID()}`;
}

/** Runs `work` on a fresh tier and closes it whatever happens. */
export async function withTier(
  { factory }: SuiteContext, retentionMs: number | null, work: (fixture: SeriesTierFixture) => Promise<void>,
): Promise<void> {
  const fixture = await factory({ retentionMs });
  try {
    await work(fixture);
  } finally {
    await fixture.close();
  }
}

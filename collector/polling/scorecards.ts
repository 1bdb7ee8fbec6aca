import { systemScope, type CollectionSpec, type DocumentCollection, type Documents } from "@caudal/core";
import type { BudgetUse, Calls } from "../outbound/calls.ts";
import type { Account } from "../providers/account.ts";
import type { ScoreBody } from "./account-score.ts";
import type { PolledDevice } from "./polled-device.ts";

/** One incident of a provider, however many devices it touches. Microseconds since 1970 UTC. */
export interface Outage {
  readonly kind: string;
  readonly detail: string;
  readonly sinceUs: number;
  readonly retryAtUs: number;
}

/** What is not as it should be with a device. */
export interface DeviceTrouble {
  readonly device: string;
  readonly keys: readonly string[];
  readonly kind: string;
  readonly detail: string;
  readonly atUs: number;
  readonly misconfiguredSinceUs: number | null;
}

/** How an account does, as its holder last wrote it: any collector can then answer for it. Document id: the account. */
export interface Scorecard {
  readonly client: string;
  readonly account: string;
  readonly holder: string;
  readonly atUs: number;
  readonly score: ScoreBody;
  readonly troubles: readonly DeviceTrouble[];
  readonly outage: Outage | null;
  readonly budget: readonly BudgetUse[];
}

const spec: CollectionSpec = { name: "poll-scorecards", tenant: true };
const MAX_TROUBLES = 500;

export interface ScorecardParts {
  readonly account: Account;
  readonly holder: string;
  readonly score: ScoreBody;
  readonly devices: readonly PolledDevice[];
  readonly calls: Pick<Calls, "budget" | "outage">;
  readonly atUs: number;
}

export class Scorecards {
  readonly #collection: DocumentCollection<Scorecard>;

  private constructor(collection: DocumentCollection<Scorecard>) {
    this.#collection = collection;
  }

  static async open(documents: Documents): Promise<Scorecards> {
    return new Scorecards(await documents.collection<Scorecard>(spec));
  }

  async read(account: string): Promise<Scorecard | undefined> {
    return (await this.#collection.get(systemScope, account))?.body;
  }

  async write(account: string, card: Scorecard): Promise<void> {
    await this.#collection.putMany(systemScope, [{ id: account, body: card }]);
  }
}

/** As it stands now. */
export function scorecardOf({ account, holder, score, devices, calls, atUs }: ScorecardParts): Scorecard {
  return { client: account.client, account: account.id, holder, atUs, score, troubles: troublesOf(devices), outage: outageOf(calls) ?? null, budget: calls.budget() };
}

/** As people are told it; undefined while all is well. */
export function outageOf(calls: Pick<Calls, "outage">): Outage | undefined {
  const outage = calls.outage();
  return outage === undefined ? undefined : { kind: outage.failure.kind, detail: outage.failure.detail, sinceUs: outage.sinceUs, retryAtUs: outage.retryAtUs };
}

function troublesOf(devices: readonly PolledDevice[]): readonly DeviceTrouble[] {
  return devices.flatMap(({ device: { device }, health }) => health.states()
    .filter(({ kind }) => kind !== "ok" && kind !== "stale" && kind !== "no_data")
    .map(({ keys, kind, detail, atUs, misconfiguredSinceUs }): DeviceTrouble => ({ device, keys, kind, detail, atUs, misconfiguredSinceUs: misconfiguredSinceUs ?? null }))).slice(0, MAX_TROUBLES);
}

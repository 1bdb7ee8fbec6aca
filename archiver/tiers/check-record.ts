import { hasCode, systemScope, type CollectionSpec, type DocumentCollection, type Documents } from "@caudal/core";
import type { TierFindings } from "./findings.ts";
import { forgettingTiers, type ForgettingTier } from "./pairs.ts";

/** What is kept of the checks of a tier, over every process and restart. Names no client. Document id: the tier. */
export interface TierChecks {
  readonly tier: ForgettingTier;
  /** When a run over every point ended; null before the first. */
  readonly verifiedAtUs: number | null;
  /** Since the installation began. */
  readonly days: number;
  readonly differences: number;
  readonly repaired: number;
  readonly conflicts: number;
  readonly unconfirmed: number;
  readonly forgotten: number;
  /** Points whose due days were not forgotten in the last whole run. */
  readonly held: number;
}

const collectionSpec: CollectionSpec = { name: "tier-checks", tenant: false };
const MOST_TRIES = 20;
const summed = ["days", "differences", "repaired", "conflicts", "unconfirmed", "forgotten"] as const;

export class CheckRecords {
  readonly #records: DocumentCollection<TierChecks>;

  private constructor(records: DocumentCollection<TierChecks>) {
    this.#records = records;
  }

  static async open(documents: Documents): Promise<CheckRecords> {
    return new CheckRecords(await documents.collection<TierChecks>(collectionSpec));
  }

  async all(): Promise<readonly TierChecks[]> {
    return (await this.#records.getMany(systemScope, forgettingTiers)).map(({ body }) => body);
  }

  /** Adds what a run found. `whole`: it went over every point. */
  async add(findings: TierFindings, run: { readonly endedAtUs: number; readonly whole: boolean; readonly forgot: boolean }): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const standing = await this.#records.get(systemScope, findings.tier);
      const body = sum(standing?.body ?? nothing(findings.tier), findings, run);
      try {
        if (standing === undefined) await this.#records.insert(systemScope, { id: findings.tier, body });
        else await this.#records.replace(systemScope, { id: findings.tier, body }, standing.version);
        return;
      } catch (error) {
        if (!(hasCode(error, "version-conflict") || hasCode(error, "duplicate-key")) || attempt === MOST_TRIES) throw error;
      }
    }
  }
}

function sum(before: TierChecks, findings: TierFindings, { endedAtUs, whole, forgot }: { readonly endedAtUs: number; readonly whole: boolean; readonly forgot: boolean }): TierChecks {
  const added = Object.fromEntries(summed.map((name) => [name, before[name] + findings[name]])) as Pick<TierChecks, (typeof summed)[number]>;
  return { ...before, ...added, ...(whole ? { verifiedAtUs: endedAtUs } : {}), ...(whole && forgot ? { held: findings.held } : {}) };
}

function nothing(tier: ForgettingTier): TierChecks {
  return { tier, verifiedAtUs: null, days: 0, differences: 0, repaired: 0, conflicts: 0, unconfirmed: 0, forgotten: 0, held: 0 };
}

import { CaudalError, hasCode, systemScope, type DocumentCollection, type Documents } from "@caudal/core";
import { ledgerCollection, type LedgerRecord } from "../ledger/ledger.ts";
import type { InstallationMode } from "../settings.ts";

/** Whom the submissions of a ledger went to: a sandbox, or the regulators. */
export type Audience = "rehearsal" | "live";

/** Document `now` of the installation. `epoch` grows with each rehearsal that was forgotten: what a process has in memory of an earlier one holds no more. */
interface AudienceRecord {
  /** Null: nothing was ever to be sent from this ledger. */
  readonly audience: Audience | null;
  readonly epoch: number;
  /** A rehearsal is being forgotten: nobody appends, and whoever starts finishes it. */
  readonly forgetting: boolean;
  readonly by: string;
  readonly atUs: number;
}

export interface AudienceState {
  /** Null where nothing was ever to be sent. */
  readonly audience: Audience | null;
  readonly forgetting: boolean;
}

const audienceCollection = { name: "ledger_audience", tenant: false } as const;
const NOW = "now";
const TRIES = 20;

const audienceOfMode: Partial<Record<InstallationMode, Audience>> = { sandbox: "rehearsal", live: "live" };

const refusals: Readonly<Record<Audience, string>> = {
  live: "CAUDAL_DGA_MODE is live, and the ledger holds submissions to a sandbox: they would stand as accepted and never reach the regulator. Look with `npx caudal dga forget-rehearsal --dry-run`, forget them with `--yes`, then start again; or set CAUDAL_DGA_MODE=sandbox",
  rehearsal: "CAUDAL_DGA_MODE is sandbox, and the ledger holds submissions to the regulators: a sandbox does not know them. Set CAUDAL_DGA_MODE=live, or shadow to send nothing; rehearse in an installation of its own, with another data folder",
};

/** The mark of a place and an audience, for the switch: what was switched on for a rehearsal is off once it is live. */
export function switchMark(instanceId: string, audience: Audience): string {
  return `${instanceId}/${audience}`;
}

/** Whom the ledger of an installation is for, as this process knew it when it opened. */
export class LedgerAudience {
  /** Shadow and off send nothing; there it is the one that the ledger had, a rehearsal where it had none. */
  readonly audience: Audience;
  readonly #wanted: Audience | undefined;
  readonly #epoch: number;
  readonly #records: DocumentCollection<AudienceRecord>;

  private constructor(records: DocumentCollection<AudienceRecord>, { wanted, audience, epoch }: { readonly wanted: Audience | undefined; readonly audience: Audience; readonly epoch: number }) {
    this.#records = records;
    this.#wanted = wanted;
    this.#epoch = epoch;
    this.audience = audience;
  }

  /**
   * Settles whom the ledger is for before anything is sent from it. CaudalError "setting" where it holds attempts for the other audience, "unavailable" while a rehearsal is being forgotten.
   */
  static async open(documents: Documents, { mode, nowUs }: { readonly mode: InstallationMode; readonly nowUs: () => number }): Promise<LedgerAudience> {
    const records = await documents.collection<AudienceRecord>(audienceCollection);
    const wanted = audienceOfMode[mode];
    for (let tries = 0; tries < TRIES; tries++) {
      const stored = await records.get(systemScope, NOW);
      const [held, epoch] = [stored?.body.audience ?? null, stored?.body.epoch ?? 0];
      if (stored?.body.forgetting === true) throw new CaudalError("unavailable", "a rehearsal is being forgotten", { retry: "yes" });
      if (wanted === undefined) return new LedgerAudience(records, { wanted, audience: held ?? "rehearsal", epoch });
      if (wanted !== held) {
        await mustHaveNoAttempts(documents, { held, wanted });
        const body: AudienceRecord = { audience: wanted, epoch, forgetting: false, by: "system", atUs: nowUs() };
        const version = await written(records, body, stored?.version);
        if (version === undefined) continue;
        // Another process may have made its first attempt just before it could see this.
        await mustHaveNoAttempts(documents, { held, wanted }).catch(async (error: unknown) => {
          await written(records, { ...body, audience: held }, version);
          throw error;
        });
      }
      return new LedgerAudience(records, { wanted, audience: wanted, epoch });
    }
    throw new CaudalError("unavailable", "others settle whom the ledger is for");
  }

  /** False once others settled it otherwise, or a rehearsal is being or was forgotten. */
  async holds(): Promise<boolean> {
    const { audience, epoch, forgetting } = (await this.#records.get(systemScope, NOW))?.body ?? { audience: null, epoch: 0, forgetting: false };
    return !forgetting && epoch === this.#epoch && (this.#wanted === undefined || audience === this.#wanted);
  }
}

/** Who may be told to be a rehearsal, and to have been one. */
export class Forgetting {
  readonly #records: DocumentCollection<AudienceRecord>;
  readonly #documents: Documents;
  #version: number | undefined;
  #body: AudienceRecord | undefined;

  private constructor(records: DocumentCollection<AudienceRecord>, documents: Documents) {
    this.#records = records;
    this.#documents = documents;
  }

  static async open(documents: Documents): Promise<Forgetting> {
    return new Forgetting(await documents.collection<AudienceRecord>(audienceCollection), documents);
  }

  /** An attempt that nobody said whom it went to is taken for one of a rehearsal. */
  async state(): Promise<AudienceState> {
    const body = (await this.#records.get(systemScope, NOW))?.body;
    const audience = body?.audience ?? ((await hasAttempts(this.#documents)) ? "rehearsal" : null);
    return { audience, forgetting: body?.forgetting ?? false };
  }

  /** From here on nobody sends or appends. "forbidden" where the ledger is live; takes over from one that ended in the middle. */
  async begin(by: string, atUs: number): Promise<void> {
    for (let tries = 0; tries < TRIES; tries++) {
      const stored = await this.#records.get(systemScope, NOW);
      if (stored?.body.audience === "live") throw new CaudalError("forbidden", "the ledger is live: what was sent to a regulator is never forgotten");
      const body: AudienceRecord = { audience: stored?.body.audience ?? null, epoch: stored?.body.epoch ?? 0, forgetting: true, by, atUs };
      const version = await written(this.#records, body, stored?.version);
      if (version === undefined) continue;
      this.#version = version;
      this.#body = body;
      return;
    }
    throw new CaudalError("unavailable", "others settle whom the ledger is for");
  }

  /** "version-conflict" where another one took over. */
  async goesOn(): Promise<void> {
    if ((await this.#records.get(systemScope, NOW))?.version !== this.#version) throw overtaken();
  }

  /** The ledger is nobody's again. */
  async end(atUs: number): Promise<void> {
    if (this.#body === undefined) throw new RangeError("it has not begun");
    const body: AudienceRecord = { ...this.#body, audience: null, epoch: this.#body.epoch + 1, forgetting: false, atUs };
    if ((await written(this.#records, body, this.#version)) === undefined) throw overtaken();
  }
}

function overtaken(): CaudalError {
  return new CaudalError("version-conflict", "another one forgets the rehearsal");
}

/** The version that was written; undefined where another one was first. */
async function written(records: DocumentCollection<AudienceRecord>, body: AudienceRecord, version: number | undefined): Promise<number | undefined> {
  try {
    return (version === undefined ? await records.insert(systemScope, { id: NOW, body }) : await records.replace(systemScope, { id: NOW, body }, version)).version;
  } catch (error) {
    if (hasCode(error, "duplicate-key") || hasCode(error, "version-conflict")) return undefined;
    throw error;
  }
}

async function mustHaveNoAttempts(documents: Documents, { held, wanted }: { readonly held: Audience | null; readonly wanted: Audience }): Promise<void> {
  if ((held ?? "rehearsal") !== wanted && (await hasAttempts(documents))) throw new CaudalError("setting", refusals[wanted]);
}

async function hasAttempts(documents: Documents): Promise<boolean> {
  const ledger = await documents.collection<LedgerRecord>(ledgerCollection);
  return (await ledger.find(systemScope, { where: { kind: "attempt" }, limit: 1 })).items.length > 0;
}

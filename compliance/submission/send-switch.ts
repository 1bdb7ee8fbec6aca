import { CaudalError, hasCode, systemScope, type DocumentCollection, type Documents } from "@caudal/core";

/** The kill switch as it is kept: document `now`, and each change once more under `change/<number>`. */
interface SwitchRecord {
  readonly on: boolean;
  readonly by: string;
  readonly atUs: number;
  readonly reason: string;
  /** Installation in which it was set; empty where none has a mark. */
  readonly instanceId: string;
}

export interface SwitchChange {
  readonly on: boolean;
  readonly by: string;
  readonly atUs: number;
  readonly reason: string;
}

/** Whether anything is sent at all. `restored`: it was switched in another installation, of which these data are a copy, or for a rehearsal and the installation is live now, so it is off until a person switches it on. */
export interface SwitchState extends SwitchChange {
  readonly restored: boolean;
}

export interface SendSwitchOptions {
  readonly nowUs: () => number;
  /** A mark of this installation that no backup carries (`installationMark`) and of whom it sends to (`switchMark`). Without one a restored backup is not seen. */
  readonly instanceId?: string | undefined;
  /** Where nobody has ever switched: on when absent. */
  readonly initially?: boolean;
  /** Asked with each look: false keeps it off, whatever was switched. */
  readonly mayBeOn?: () => Promise<boolean>;
}

const switchCollection = { name: "send_switch", tenant: false } as const;
const NOW = "now";
const TRIES = 20;
const MAX_HISTORY = 1000;

/** The switch of all sending of an installation. What is read is as of this moment: a submitter asks before each attempt. */
export class SendSwitch {
  readonly #records: DocumentCollection<SwitchRecord>;
  readonly #nowUs: () => number;
  readonly #instanceId: string;
  readonly #mayBeOn: () => Promise<boolean>;

  private constructor(records: DocumentCollection<SwitchRecord>, { nowUs, instanceId = "", mayBeOn = async () => true }: SendSwitchOptions) {
    this.#records = records;
    this.#nowUs = nowUs;
    this.#instanceId = instanceId;
    this.#mayBeOn = mayBeOn;
  }

  static async open(documents: Documents, options: SendSwitchOptions): Promise<SendSwitch> {
    const { nowUs, instanceId = "", initially = true } = options;
    const records = await documents.collection<SwitchRecord>(switchCollection);
    try {
      await records.insert(systemScope, { id: NOW, body: { on: initially, by: "system", atUs: nowUs(), reason: "first start", instanceId } });
    } catch (error) {
      if (!hasCode(error, "duplicate-key")) throw error;
    }
    return new SendSwitch(records, options);
  }

  async get(): Promise<SwitchState> {
    const { on, by, atUs, reason, instanceId } = await this.#now();
    const restored = instanceId !== this.#instanceId;
    return { on: on && !restored && (await this.#mayBeOn()), by, atUs, reason, restored };
  }

  /** "bad-request" without an author or a reason. */
  async set(sending: boolean, author: string, reason: string): Promise<SwitchState> {
    if (author.trim() === "" || reason.trim() === "" || reason.length > 1000) throw new CaudalError("bad-request", "a switch is thrown by somebody, with a reason of 1 to 1000 characters");
    for (let tries = 0; tries < TRIES; tries++) {
      const stored = await this.#records.get(systemScope, NOW);
      const body: SwitchRecord = { on: sending, by: author, atUs: this.#nowUs(), reason: reason.trim(), instanceId: this.#instanceId };
      try {
        // The history first: a change that nobody can see later is worse than one that is told and did not come about.
        if (stored !== undefined) {
          await this.#records.putMany(systemScope, [{ id: historyId(stored.version), body: stored.body }]);
          await this.#records.replace(systemScope, { id: NOW, body }, stored.version);
        } else await this.#records.insert(systemScope, { id: NOW, body });
        return { on: sending, by: author, atUs: body.atUs, reason: body.reason, restored: false };
      } catch (error) {
        if (!hasCode(error, "version-conflict") && !hasCode(error, "duplicate-key")) throw error;
      }
    }
    throw new CaudalError("version-conflict", "the switch is being thrown by others");
  }

  /** Every position it had, newest first, a thousand at most. */
  async history(): Promise<readonly SwitchChange[]> {
    const { items } = await this.#records.find(systemScope, { descending: true, limit: MAX_HISTORY });
    return items.map(({ body: { on, by, atUs, reason } }) => ({ on, by, atUs, reason }));
  }

  async #now(): Promise<SwitchRecord> {
    const stored = await this.#records.get(systemScope, NOW);
    // Whoever removed it meant no sending.
    return stored?.body ?? { on: false, by: "", atUs: 0, reason: "the switch is not there", instanceId: this.#instanceId };
  }
}

function historyId(version: number): string {
  return `change/${String(version).padStart(10, "0")}`;
}

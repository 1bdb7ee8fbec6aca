import { Random } from "../time/random.ts";
import { quietTemper, type Conditions, type StoreTemper } from "./conditions.ts";
import { DocumentsState } from "./documents-state.ts";
import { ChannelState } from "./live-channel.ts";
import { LogState } from "./log-state.ts";
import { SimulatedProcess } from "./process.ts";
import { Store } from "./store.ts";
import { TierState } from "./tier-state.ts";
import { Trace } from "./trace.ts";

export const storeNames = ["log", "documents", "segments", "hot", "warm", "cold"] as const;
export type StoreName = (typeof storeNames)[number];

export interface WorldOptions {
  readonly seed: string;
  /** Tempers while faults are on; a quiet one where absent. */
  readonly tempers?: Readonly<Partial<Record<string, StoreTemper>>>;
  /** Stores may crash: calls are then watched by a timeout. */
  readonly canCrash?: boolean;
  /** A crash may leave part of what was not synced. */
  readonly tears?: boolean;
  readonly keepTrace?: boolean;
  /** Milliseconds that hot and warm keep. */
  readonly hotMs?: number | null;
  readonly warmMs?: number | null;
}

const DAY_MS = 86_400_000;

/** Everything outside of the processes: stores with their disks, the network's moods, and the seed that decides. */
export class World implements Conditions {
  readonly random: Random;
  readonly trace: Trace;
  readonly canCrash: boolean;
  readonly tears: boolean;
  readonly stores: ReadonlyMap<string, Store>;
  readonly log: LogState;
  readonly documents: DocumentsState;
  readonly segments = new Map<string, Uint8Array>();
  readonly live: ChannelState;
  readonly tiers: { readonly hot: TierState; readonly warm: TierState; readonly cold: TierState };
  /** False from when everything heals. */
  troubled = true;
  readonly #tempers: Readonly<Partial<Record<string, StoreTemper>>>;
  readonly #away = new Set<string>();

  constructor({ seed, tempers = {}, canCrash = false, tears = false, keepTrace = false, hotMs = 3 * DAY_MS, warmMs = 30 * DAY_MS }: WorldOptions) {
    this.random = new Random(`${seed}/world`);
    this.trace = new Trace(keepTrace);
    this.canCrash = canCrash;
    this.tears = tears;
    this.#tempers = tempers;
    this.stores = new Map(storeNames.map((name) => [name, new Store(this, name)]));
    this.log = new LogState(this);
    this.documents = new DocumentsState();
    this.live = new ChannelState(this);
    this.tiers = { hot: new TierState("hot", hotMs, "latest"), warm: new TierState("warm", warmMs, "latest"), cold: new TierState("cold", null, "all") };
  }

  store(name: StoreName): Store {
    return this.stores.get(name) as Store;
  }

  process(name: string): SimulatedProcess {
    return new SimulatedProcess(name);
  }

  temperOf(name: string): StoreTemper {
    return (this.troubled ? this.#tempers[name] : undefined) ?? quietTemper;
  }

  isAway(name: string): boolean {
    return this.troubled && this.#away.has(name);
  }

  goAway(name: string): void {
    this.tell(`${name} goes away`);
    this.#away.add(name);
  }

  comeBack(name: string): void {
    this.tell(`${name} comes back`);
    this.#away.delete(name);
  }

  /** All stores lose what they had not synced. The processes are ended by whoever started them. */
  crash(names: Iterable<string> = storeNames): void {
    for (const name of names) {
      this.tell(`${name} crashes`);
      this.stores.get(name)?.crash();
      if (name === "log") this.log.crash();
    }
  }

  /** From here on nothing goes wrong any more. */
  heal(): void {
    this.tell("everything heals");
    this.troubled = false;
    this.#away.clear();
  }

  tell(line: string): void {
    this.trace.add(performance.now(), line);
  }
}

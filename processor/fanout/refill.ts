import { Directory, groups, systemScope, topics, type Documents, type EventLog, type PointKey, type SeriesTier, type TierRecovery } from "@caudal/core";
import { systemSleep, type Clock, type Component, type Logger, type Metrics } from "@caudal/runtime";
import { copyPoint } from "./copy-point.ts";

export interface RefillOptions {
  readonly hot: SeriesTier;
  readonly warm: SeriesTier;
  readonly log: EventLog;
  readonly documents: Documents;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Milliseconds between looks whether the hot tier lost something, and how far warm is; 1000 when absent. */
  readonly lookEveryMs?: number;
  /** Milliseconds of rest after each millisecond of copying; 0.5 when absent. */
  readonly restShare?: number;
}

export interface Refill extends Component {
  status(): RefillStatus;
}

export interface RefillStatus {
  /** idle: nothing is lost, as far as is known. waiting: until warm holds what hot lost. copying: facts go from warm to hot. */
  readonly state: "idle" | "waiting" | "copying";
  readonly points: number;
  readonly facts: number;
}

const LOOK_EVERY_MS = 1000;
const REST_SHARE = 0.5;
const POINTS_A_PAGE = 200;
const POINTS_AT_ONCE = 2;

/**
 * Fills the hot tier again after it lost data, from what the warm tier holds. First it waits until warm has taken everything that the log had when the
 * loss was noticed: whatever hot acknowledged before stood in the log by then, and what hot takes later it holds by itself. Then every point of
 * the directory is copied as far back as hot keeps, and only then is the tier read again. Each step may be done twice: a crash, or another
 * process that does the same, changes nothing.
 */
export function createRefill(options: RefillOptions): Refill {
  const { hot, metrics, logger: parent } = options;
  const logger = parent.child({ component: "refill", tier: hot.name });
  const incomplete = metrics.gauge("caudal_tier_incomplete");
  const ended = new AbortController();
  let status: RefillStatus = { state: "idle", points: 0, facts: 0 };
  let running: Promise<void> = Promise.resolve();

  async function watch(recovery: TierRecovery): Promise<void> {
    while (!ended.signal.aborted) {
      try {
        const loss = await recovery.loss();
        incomplete.set({ tier: hot.name }, loss === undefined ? 0 : 1);
        if (loss !== undefined) await new OneRefill(options, { recovery, loss, logger, signal: ended.signal, told: (now) => (status = now) }).run();
      } catch (error) {
        // The tier or one of those it is filled from is away; all of it is done again.
        if (!ended.signal.aborted) logger.warn("refill.interrupted", { error });
      }
      status = { ...status, state: "idle" };
      await systemSleep(options.lookEveryMs ?? LOOK_EVERY_MS, ended.signal).catch(() => undefined);
    }
  }

  return {
    name: "refill",
    start: async () => {
      if (hot.recovery !== undefined) running = watch(hot.recovery);
    },
    stop: async () => {
      ended.abort();
      await running;
    },
    status: () => status,
  };
}

interface RefillTask {
  readonly recovery: TierRecovery;
  readonly loss: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly told: (status: RefillStatus) => void;
}

/** The refill after one loss. */
class OneRefill {
  readonly #options: RefillOptions;
  readonly #task: RefillTask;
  #points = 0;
  #facts = 0;

  constructor(options: RefillOptions, task: RefillTask) {
    this.#options = options;
    this.#task = task;
  }

  async run(): Promise<void> {
    const { recovery, loss, logger, told } = this.#task;
    const beganMs = this.#options.clock.monotonicMs();
    logger.info("refill.begun", { loss });
    told({ state: "waiting", points: 0, facts: 0 });
    await this.#warmHasAll();
    for await (const page of this.#pages()) {
      for (let at = 0; at < page.length; at += POINTS_AT_ONCE) await Promise.all(page.slice(at, at + POINTS_AT_ONCE).map((key) => this.#copy(key)));
      // Another process may have ended it, or the server went again: then there is nothing to go on with.
      if ((await recovery.loss()) !== loss) return logger.info("refill.overtaken", { loss, points: this.#points });
      logger.info("refill.progress", { loss, points: this.#points, facts: this.#facts });
    }
    await recovery.refilled(loss);
    if ((await recovery.loss()) === undefined) this.#options.metrics.gauge("caudal_tier_incomplete").set({ tier: this.#options.hot.name }, 0);
    logger.info("refill.done", { loss, points: this.#points, facts: this.#facts, tookMs: Math.round(this.#options.clock.monotonicMs() - beganMs) });
  }

  /** Resolves when warm's group has passed what is in the log now. */
  async #warmHasAll(): Promise<void> {
    const { log, lookEveryMs = LOOK_EVERY_MS } = this.#options;
    const ends = new Map((await log.bounds(topics.measurements)).map(({ partition, endOffset }) => [partition, endOffset]));
    for (;;) {
      const lag = await log.lag(topics.measurements, groups.warm);
      if (lag.every(({ partition, committedOffset }) => committedOffset >= (ends.get(partition) ?? 0))) return;
      await systemSleep(lookEveryMs, this.#task.signal);
    }
  }

  async *#pages(): AsyncGenerator<readonly PointKey[]> {
    const { points } = (await Directory.open(this.#options.documents)).collections;
    let cursor: string | undefined;
    do {
      const page = await points.find(systemScope, { limit: POINTS_A_PAGE, ...(cursor === undefined ? {} : { cursor }) });
      yield page.items.map(({ body: { client, point } }) => ({ client, point }));
      cursor = page.next;
    } while (cursor !== undefined);
  }

  async #copy(key: PointKey): Promise<void> {
    const { hot, warm, clock, metrics, restShare = REST_SHARE } = this.#options;
    const { signal, told } = this.#task;
    signal.throwIfAborted();
    const receivedAtUs = clock.nowUs();
    const { retentionMs } = hot.capabilities;
    const sinceUs = retentionMs === null ? -Infinity : receivedAtUs - retentionMs * 1000;
    const pace = (workedMs: number): Promise<void> => systemSleep(workedMs * restShare, signal);
    const facts = await copyPoint(key, { from: warm, to: hot, sinceUs, receivedAtUs, pace });
    metrics.counter("caudal_tier_refilled_facts_total").inc({ tier: hot.name }, facts);
    this.#points += 1;
    this.#facts += facts;
    told({ state: "copying", points: this.#points, facts: this.#facts });
  }
}

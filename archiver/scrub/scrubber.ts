import { randomUUID } from "node:crypto";
import { systemScope, type CollectionSpec, type DocumentCollection } from "@caudal/core";
import { leaveLease, systemSleep, takeLease, type Clock, type Component, type JobRun, type Logger, type Metrics } from "@caudal/runtime";
import { createLeasedRounds } from "../tiers/leased-rounds.ts";
import { Damages, scrubbedStores, type Damage } from "./damages.ts";
import { walksOf, type ScrubPorts } from "./walks.ts";

export interface ScrubberOptions {
  readonly ports: ScrubPorts;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Milliseconds from the start of a pass to the start of the next. */
  readonly everyMs: number;
  readonly bytesPerS: number;
  /** Milliseconds between looks whether a pass is due; 60,000 when absent. */
  readonly lookEveryMs?: number;
}

/** Where the pass is; kept in the documents. Document id: `pass`. */
interface Place {
  readonly beganAtUs: number;
  readonly walk: string | null;
  readonly from: string | null;
  readonly bytes: number;
  /** Of the last whole pass; null before the first. */
  readonly endedAtUs: number | null;
}

export interface ScrubStatus {
  readonly beganAt: string | null;
  readonly endedAt: string | null;
  /** The walk that the pass under way is in; null between passes. */
  readonly walk: string | null;
  readonly bytes: number;
  readonly damages: readonly Damage[];
}

export interface Scrubber extends Component {
  /** A pass now, from the start, as fast as the stores go. */
  pass(run: JobRun): Promise<{ readonly bytes: number; readonly damages: readonly Damage[] }>;
  status(): Promise<ScrubStatus>;
}

const placeCollection: CollectionSpec = { name: "scrub", tenant: false };
const PLACE = "pass";
const LOOK_EVERY_MS = 60_000;
const SAVE_EVERY_MS = 5000;
const WORK = "scrub";

/** Reads everything that is stored, at its leisure, so that what a disk has changed is found while another store still has it. */
export function createScrubber(options: ScrubberOptions): Scrubber {
  const { ports, clock, metrics, everyMs, bytesPerS, lookEveryMs = LOOK_EVERY_MS } = options;
  const logger = options.logger.child({ component: "scrub" });
  const lease = { documents: ports.documents, clock, work: WORK, holder: randomUUID() };
  let opening: Promise<readonly [Damages, DocumentCollection<Place>]> | undefined;

  function opened(): Promise<readonly [Damages, DocumentCollection<Place>]> {
    opening ??= Promise.all([Damages.open(ports.documents), ports.documents.collection<Place>(placeCollection)]);
    opening.catch(() => (opening = undefined));
    return opening;
  }

  async function walkAll(from: Place, { signal, bytesPerS: most, between, tell }: { signal: AbortSignal; bytesPerS: number; between: (place: Place) => Promise<void>; tell: (walk: string, bytes: number) => void }): Promise<Place> {
    const [damages] = await opened();
    const walks = walksOf(ports);
    const first = Math.max(0, walks.findIndex(({ name }) => name === from.walk));
    let place = from;
    let [readBytes, sinceMs] = [0, clock.monotonicMs()];
    for (const [index, walk] of walks.entries()) {
      if (index < first) continue;
      place = { ...place, walk: walk.name, from: walk.name === from.walk ? from.from : null };
      for await (const look of walk.looks(place.from === null || place.from === "" ? undefined : place.from)) {
        signal.throwIfAborted();
        for (const damage of look.damages) {
          if (!(await damages.found(damage, clock.nowUs()))) continue;
          logger.error("scrub.damage", { ...damage });
          metrics.counter("caudal_scrub_damages_total").inc({ store: damage.store });
        }
        place = { ...place, from: look.next, bytes: place.bytes + look.bytes };
        readBytes += look.bytes;
        metrics.counter("caudal_scrub_bytes_total").inc({}, look.bytes);
        tell(walk.name, place.bytes);
        const aheadMs = (readBytes / most) * 1000 - (clock.monotonicMs() - sinceMs);
        if (aheadMs > 0 && Number.isFinite(aheadMs)) await systemSleep(aheadMs, signal);
        // What was not used up is not saved up.
        if (aheadMs < -1000) [readBytes, sinceMs] = [0, clock.monotonicMs()];
        await between(place);
      }
    }
    await damages.passed(from.beganAtUs);
    await countStanding();
    return { ...place, walk: null, from: null, endedAtUs: clock.nowUs() };
  }

  async function countStanding(): Promise<void> {
    const [damages] = await opened();
    const standing = await damages.standing();
    for (const store of scrubbedStores) metrics.gauge("caudal_scrub_damages").set({ store }, standing.filter((each) => each.store === store).length);
  }

  async function save(place: Place): Promise<void> {
    const [, places] = await opened();
    await places.putMany(systemScope, [{ id: PLACE, body: place }]);
    if (place.endedAtUs !== null) metrics.gauge("caudal_scrub_last_pass_timestamp_seconds").set({}, place.endedAtUs / 1e6);
  }

  async function round(signal: AbortSignal): Promise<void> {
    const [, places] = await opened();
    await countStanding();
    const known = (await places.get(systemScope, PLACE))?.body;
    if (known?.endedAtUs != null) metrics.gauge("caudal_scrub_last_pass_timestamp_seconds").set({}, known.endedAtUs / 1e6);
    const isDue = known === undefined || known.walk !== null || clock.nowUs() - known.beganAtUs >= everyMs * 1000;
    if (!isDue || !(await takeLease(lease))) return;
    const start: Place = known !== undefined && known.walk !== null ? known : { beganAtUs: clock.nowUs(), walk: "", from: null, bytes: 0, endedAtUs: known?.endedAtUs ?? null };
    let savedMs = clock.monotonicMs();
    const between = async (place: Place): Promise<void> => {
      if (clock.monotonicMs() - savedMs < SAVE_EVERY_MS) return;
      savedMs = clock.monotonicMs();
      await save(place);
      if (!(await takeLease(lease))) throw new Error("another process has taken over");
    };
    const done = await walkAll(start, { signal, bytesPerS, between, tell: () => undefined });
    await save(done);
    logger.info("scrub.passed", { bytes: done.bytes, damages: (await (await opened())[0].standing()).length });
    await leaveLease(lease);
  }

  // A store is away: the pass goes on from its place at the next look.
  const rounds = createLeasedRounds({ name: "scrub", lease, lookEveryMs, waitsFirst: true, round, onInterrupted: (error) => logger.warn("scrub.interrupted", { error }) });
  return {
    ...rounds,
    pass: async ({ signal, progress }) => {
      const start: Place = { beganAtUs: clock.nowUs(), walk: "", from: null, bytes: 0, endedAtUs: null };
      const done = await walkAll(start, { signal, bytesPerS: Infinity, between: async () => undefined, tell: (walk, bytes) => progress({ done: bytes, total: null, unit: "bytes", note: walk }) });
      await save(done);
      return { bytes: done.bytes, damages: await (await opened())[0].standing() };
    },
    status: async () => {
      const [damages, places] = await opened();
      const place = (await places.get(systemScope, PLACE))?.body;
      const at = (us: number | null | undefined): string | null => (us === null || us === undefined ? null : new Date(us / 1000).toISOString());
      return { beganAt: at(place?.beganAtUs), endedAt: at(place?.endedAtUs), walk: place?.walk ?? null, bytes: place?.bytes ?? 0, damages: await damages.standing() };
    },
  };
}

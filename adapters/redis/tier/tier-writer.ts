import { randomBytes } from "node:crypto";
import { CaudalError, type PointKey } from "@caudal/core";
import type { PointJob } from "./batch-jobs.ts";
import { mergeJob, type JobCounts } from "./merge-job.ts";
import { PointLoader, type LoaderParts, type NamedPoint } from "./point-loader.ts";
import { PointLocks } from "./point-locks.ts";
import type { PointState } from "./point-state.ts";
import { pointRemoval, pointWrite, type PointWrite, type WriteParts } from "./point-write.ts";
import { roundsOf } from "./rounds.ts";
import { Scratch } from "./scratch.ts";
import { TOKEN_BYTES, WRITE_POINTS_SHA } from "./scripts.ts";
import { settleNewest } from "./settle-newest.ts";

export interface WriterParts extends LoaderParts {
  /** Microseconds; Infinity keeps for ever. */
  readonly retentionUs: number;
}

const ROUNDS_AT_ONCE = 4;
/** Points that one script writes: enough to save the cost of a command, few enough not to hold up others. */
const SCRIPT_POINTS = 32;
/** Tries of a point that others write at the same time. */
const MOST_TRIES = 30;
/** Redis forgets by itself what was not written for twice the retention; states last longer than the hours they name. */
const EXPIRY_FACTOR = 2;
const STATE_EXTRA_MS = 3_600_000;

/** What to write for each of the points, in order; `undefined` leaves one as it is. */
type Change<T> = (points: readonly PointState[], items: readonly T[]) => Promise<readonly (PointWrite | undefined)[]>;

/**
 * Changes points by compare-and-set: merged here, written by a script that takes each only if nobody else wrote it since. Those that it refuses are
 * read and merged again, so what is counted is what happened.
 */
export class TierWriter {
  readonly #parts: WriterParts;
  readonly #loader: PointLoader;
  readonly #locks = new PointLocks(ROUNDS_AT_ONCE);
  readonly #process = randomBytes(TOKEN_BYTES / 2).toString("base64url").slice(0, TOKEN_BYTES / 2);
  readonly #write: WriteParts;
  readonly #expiry: readonly [string, string];
  #tokens = 0;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#loader = new PointLoader(parts);
    this.#write = { keys: parts.keys, words: parts.words, scratch: new Scratch(), nextToken: () => this.#nextToken() };
    const hourMs = Number.isFinite(parts.retentionUs) ? Math.ceil(parts.retentionUs / 1000) * EXPIRY_FACTOR : 0;
    this.#expiry = [String(hourMs === 0 ? 0 : hourMs + STATE_EXTRA_MS), String(hourMs)];
  }

  /** Writes all jobs. On a failure some may be written; writing them again changes nothing. */
  async write(jobs: readonly PointJob[]): Promise<JobCounts> {
    const total: JobCounts = { stored: 0, superseded: 0, duplicate: 0, belowFloor: 0 };
    const rounds = roundsOf(jobs).map((round) => this.#locks.hold(round.map(({ name }) => name), () => this.#round(round, total)));
    // Every round ends before the call does, whatever became of the others.
    for (const outcome of await Promise.allSettled(rounds)) if (outcome.status === "rejected") throw outcome.reason;
    return total;
  }

  raiseFloor(key: PointKey, floorUs: number): Promise<void> {
    const named = this.#named([key]);
    return this.#locks.hold([named[0]!.name], async () => {
      await this.#untilTaken(named, async (points) => points.map((point) => {
        // A point that nothing was known of has a floor from now on.
        if (!point.exists) point.isChanged = true;
        point.raise(floorUs);
        return pointWrite(point, [], this.#write);
      }));
    });
  }

  /** Removes points; how many there were. */
  remove(keys: readonly PointKey[]): Promise<number> {
    let removed = 0;
    const named = this.#named(keys);
    return this.#locks.hold(named.map(({ name }) => name), async () => {
      await this.#untilTaken(named, async (points) => points.map((point) => (point.exists ? pointRemoval(point, this.#parts.keys) : undefined)), () => (removed += 1));
      return removed;
    });
  }

  settled(): Promise<void> {
    return this.#locks.settled();
  }

  #named(keys: readonly PointKey[]): NamedPoint[] {
    return keys.map((key) => ({ key, name: this.#parts.keys.state(key.client, key.point) }));
  }

  async #round(jobs: readonly PointJob[], total: JobCounts): Promise<void> {
    await this.#untilTaken(jobs, async (points, left) => {
      await this.#loader.hours(points, left);
      const writes: PointWrite[] = [];
      for (let i = 0; i < points.length; i++) {
        const point = points[i]!;
        const { counts, winners, unsettled } = mergeJob(point, left[i]!, this.#parts);
        if (unsettled !== undefined) await settleNewest(point, unsettled, { loader: this.#loader, words: this.#parts.words });
        writes.push(pointWrite(point, winners, this.#write, counts));
      }
      return writes;
    }, ({ counts }) => {
      total.stored += counts!.stored;
      total.superseded += counts!.superseded;
      total.duplicate += counts!.duplicate;
      total.belowFloor += counts!.belowFloor;
    });
  }

  /** Loads, changes and writes points until each was taken. */
  async #untilTaken<T extends NamedPoint>(items: readonly T[], change: Change<T>, taken?: (write: PointWrite) => void): Promise<void> {
    let left = items;
    for (let tries = 0; left.length > 0; tries++) {
      if (tries === MOST_TRIES) throw new CaudalError("unavailable", `others kept writing ${left.length} of the same points`);
      const writes = await change(await this.#loader.points(left), left);
      const refused = await this.#send(writes.filter((write) => write !== undefined));
      for (const write of writes) {
        if (write === undefined || refused.has(write)) continue;
        taken?.(write);
        if (!write.isRemoval) this.#parts.cache.put(write.point);
      }
      left = refused.size === 0 ? [] : left.filter((_, i) => writes[i] !== undefined && refused.has(writes[i]));
    }
  }

  async #send(writes: readonly PointWrite[]): Promise<ReadonlySet<PointWrite>> {
    const refused = new Set<PointWrite>();
    if (writes.length === 0) return refused;
    const newKeys = writes.filter(({ isNew }) => isNew).map(({ point }) => point.key);
    const scripts: PointWrite[][] = [];
    for (let at = 0; at < writes.length; at += SCRIPT_POINTS) scripts.push(writes.slice(at, at + SCRIPT_POINTS));
    const { values } = await this.#parts.connection.run((pipeline) => {
      // Noted before, so that no crash leaves a point that erasing would miss, and after, in case it was erased in between.
      for (const { client, point } of newKeys) pipeline.sadd(this.#parts.keys.pointsOf(client), point);
      for (const some of scripts) {
        const keys: string[] = [];
        const args: Buffer[] = [];
        for (const write of some) {
          keys.push(...write.keys);
          args.push(...write.args);
        }
        pipeline.evalsha(WRITE_POINTS_SHA, keys.length, ...keys, ...this.#expiry, ...args);
      }
      for (const { client, point } of newKeys) pipeline.sadd(this.#parts.keys.pointsOf(client), point);
    });
    scripts.forEach((some, i) => {
      for (const number of values[newKeys.length + i] as number[]) refused.add(some[number - 1]!);
    });
    return refused;
  }

  /** Which process, and which of its writes. */
  #nextToken(): string {
    return this.#process + (++this.#tokens).toString(36).padStart(TOKEN_BYTES / 2, "0");
  }
}

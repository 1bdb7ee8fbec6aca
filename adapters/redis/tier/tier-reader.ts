import {
  CaudalError, type Digest, digestRuns, type FactRun, firstAt, type LatestFact, MAX_ROWS, type PointKey, type RangeQuery, type RowBlock, type RowQuery, rowsOf, selectRows,
  type Tell, Words,
} from "@caudal/core";
import type { RedisConnection } from "../connection/connection.ts";
import type { Completeness } from "./completeness.ts";
import { decodeHour } from "./hour-codec.ts";
import { HOUR_US, hourOf, isNameable, type TierKeys } from "./keys.ts";
import { addNewest, decodeState, type StoredState } from "./state-codec.ts";
import { TextCache } from "./text-cache.ts";

export interface ReaderParts {
  readonly connection: RedisConnection;
  readonly keys: TierKeys;
  readonly completeness: Completeness;
  readonly tell: Tell | undefined;
}

/** A point's state and the facts of some of its hours, in order, an hour a run; all above the floor. */
interface PointView {
  readonly state: StoredState | undefined;
  readonly runs: readonly FactRun[];
}

const DAY_US = 86_400_000_000;
const MGET_KEYS = 512;
/** Points asked for in one pipeline. */
const PIPELINE_POINTS = 16_384;
/** Hours fetched in one go; few at first where some rows are all that is wanted. */
const FEW_HOURS = 2;
const MOST_HOURS = 24;
const MOST_LOOKS = 3;

/** Reads points as they stand in Redis. Every look also reads the marker that says whether the tier is complete. */
export class TierReader {
  readonly #parts: ReaderParts;
  readonly #texts = new TextCache();

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  async *read(query: RangeQuery): AsyncGenerator<RowBlock> {
    const { keys } = this.#parts;
    // Of this call alone: what somebody asks for must not stay.
    const words = new Words();
    const descending = query.order === "descending";
    // Instants are whole, so a half-open range between them is the same as between the next whole ones.
    const [fromUs, toUs] = [Math.ceil(query.fromUs), Math.ceil(query.toUs)];
    const variables = query.variables === undefined ? undefined : new Set(query.variables.map((variable) => words.idOf(variable)));
    let rowsLeft = query.limit ?? Infinity;
    if (!isNameable(query) || rowsLeft <= 0 || fromUs >= toUs) return;
    const name = keys.state(query.client, query.point);
    const inOrder = (hours: number[]): number[] => (descending ? hours.reverse() : hours);
    // A short range is fetched in one go, whichever of its hours there are.
    const guessed = inOrder(shortRange(fromUs, toUs, query.limit === undefined ? MOST_HOURS : FEW_HOURS));
    const first = await this.#look(name, guessed, words);
    if (first.state === undefined) return;
    const { floorUs, hours: all } = first.state;
    const hours = guessed.length > 0 ? [] : inOrder(all.filter((hour) => hour >= hourOf(Math.max(fromUs, floorUs)) && hour <= hourOf(toUs - 1)));
    let at = 0;
    const next = (size: number): Promise<PointView> | undefined => {
      if (at >= hours.length) return undefined;
      const view = this.#look(name, hours.slice(at, (at += size)), words);
      // Under way while the one before is used; if nobody wants it, its failure is nobody's.
      view.catch(() => undefined);
      return view;
    };
    const row: Omit<RowQuery, "maxRows"> = { fromUs, toUs, descending, variables, asOfUs: undefined, includeWithdrawn: query.includeWithdrawn };
    let size = query.limit === undefined ? MOST_HOURS : FEW_HOURS;
    for (let view: Promise<PointView> | undefined = Promise.resolve(first), following = next(size); view !== undefined; view = following, following = next(size)) {
      const { runs } = await view;
      size = Math.min(size * 2, MOST_HOURS);
      for (const block of blocksOf(runs, row, words, () => rowsLeft)) {
        rowsLeft -= block.rows;
        yield block;
        if (rowsLeft <= 0) return;
      }
    }
  }

  async latest(points: readonly PointKey[]): Promise<LatestFact[]> {
    const { connection, keys, completeness } = this.#parts;
    const facts: LatestFact[] = [];
    const nameable = points.filter(isNameable);
    for (let from = 0; from === 0 || from < nameable.length; from += PIPELINE_POINTS) {
      const some = nameable.slice(from, from + PIPELINE_POINTS);
      const names = some.map(({ client, point }) => keys.state(client, point));
      const { values, session } = await connection.run((pipeline) => {
        pipeline.get(completeness.key);
        for (let at = 0; at < names.length; at += MGET_KEYS) pipeline.mgetBuffer(names.slice(at, at + MGET_KEYS));
      });
      completeness.check(values[0], session);
      const states = values.slice(1).flat() as (Buffer | null)[];
      states.forEach((bytes, i) => {
        if (bytes !== null) addNewest(facts, bytes, some[i]!, this.#texts);
      });
    }
    return facts;
  }

  async digest(key: PointKey, dayStartUs: number): Promise<Digest> {
    const words = new Words();
    if (!isNameable(key)) return digestRuns([], words);
    const name = this.#parts.keys.state(key.client, key.point);
    const { state } = await this.#look(name, [], words);
    const first = hourOf(dayStartUs);
    const hours = state?.hours.filter((hour) => hour >= first && hour < first + DAY_US / HOUR_US) ?? [];
    return digestRuns(hours.length === 0 ? [] : (await this.#look(name, hours, words)).runs, words);
  }

  async floor(key: PointKey): Promise<number | undefined> {
    if (!isNameable(key)) return undefined;
    return (await this.#look(this.#parts.keys.state(key.client, key.point), [], new Words())).state?.floorUs;
  }

  /** Fetches the hours together with the state that names them. Fails with "unavailable" while the tier is incomplete. */
  async #look(name: string, hours: readonly number[], words: Words): Promise<PointView> {
    const { connection, keys, completeness, tell } = this.#parts;
    let tokenBefore: string | undefined;
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const { values, session } = await connection.run((pipeline) => {
        pipeline.get(completeness.key);
        pipeline.getBuffer(name);
        if (hours.length > 0) pipeline.mgetBuffer(hours.map((hour) => keys.hour(name, hour)));
      });
      completeness.check(values[0], session);
      const bytes = values[1] as Buffer | null;
      if (bytes === null) return { state: undefined, runs: [] };
      const state = decodeState(bytes, words);
      const found = (values[2] ?? []) as (Buffer | null)[];
      const gone = hours.find((hour, i) => found[i] === null && state.hours.includes(hour));
      if (gone === undefined) return { state, runs: found.flatMap((hour) => (hour === null ? [] : [aboveFloor(decodeHour(hour, words).run, state.floorUs)])) };
      // Its key may have gone between the two commands, by one who raised the floor; else it is gone for good, and the next write will find out.
      if (tokenBefore === state.token) {
        tell?.("redis.hour-gone", { key: keys.hour(name, gone) });
        break;
      }
      tokenBefore = state.token;
    }
    throw new CaudalError("unavailable", "an hour of the point is gone from the hot tier");
  }
}

/** The hours of a range of at most so many, ascending; none of a longer one. */
function shortRange(fromUs: number, toUs: number, most: number): number[] {
  const [first, last] = [hourOf(fromUs), hourOf(toUs - 1)];
  return last - first < most ? Array.from({ length: last - first + 1 }, (_, i) => first + i) : [];
}

function aboveFloor({ facts, start, end }: FactRun, floorUs: number): FactRun {
  return { facts, start: firstAt(facts, floorUs, start, end), end };
}

function* blocksOf(runs: readonly FactRun[], row: Omit<RowQuery, "maxRows">, words: Words, rowsLeft: () => number): Generator<RowBlock> {
  let { fromUs, toUs } = row;
  while (fromUs < toUs) {
    const clipped = runs.map(({ facts, start, end }) => ({ facts, start: firstAt(facts, fromUs, start, end), end: firstAt(facts, toUs, start, end) }));
    const { facts, rows, rest } = selectRows(clipped, words, { ...row, fromUs, toUs, maxRows: Math.min(rowsLeft(), MAX_ROWS) });
    if (rows > 0) yield rowsOf(facts, rows, words);
    ({ fromUs, toUs } = rest);
  }
}

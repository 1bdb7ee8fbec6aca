import { firstAt, type Words } from "@caudal/core";
import { encodeChunk, encodeWhole } from "./hour-codec.ts";
import type { HourFacts } from "./hour-facts.ts";
import type { TierKeys } from "./keys.ts";
import type { HourWinners, JobCounts } from "./merge-job.ts";
import type { PointState } from "./point-state.ts";
import { HEAD_BYTES, hourSteps, NO_STATE, NO_TOKEN, TOKEN_BYTES } from "./scripts.ts";
import type { Scratch } from "./scratch.ts";

/** Loose chunks of fewer bytes are not worth writing the hour whole. */
const LOOSE_BYTES = 8192;

/** Keys and arguments of one point for the script that writes points. */
export interface PointWrite {
  readonly point: PointState;
  /** True when the point had no state before. */
  readonly isNew: boolean;
  /** True when nothing is left of it afterwards. */
  readonly isRemoval: boolean;
  readonly keys: readonly string[];
  readonly args: readonly Buffer[];
  /** What was merged into it, once it is written. */
  readonly counts?: JobCounts;
}

export interface WriteParts {
  readonly keys: TierKeys;
  readonly words: Words;
  readonly scratch: Scratch;
  readonly nextToken: () => string;
}

const deleted = Buffer.of(hourSteps.delete);

/**
 * What to send for a point after facts were merged into it. Facts are appended to their hour as a chunk; once the loose chunks have as many bytes
 * as what was whole, and when the next hour begins, the hour is written whole: each fact is packed about twice in all.
 */
export function pointWrite(point: PointState, winners: readonly HourWinners[], parts: WriteParts, counts?: JobCounts): PointWrite {
  const expected = point.token;
  const lastHour = point.hours.at(-1) ?? -Infinity;
  const keys = [point.name];
  const args: Buffer[] = [];
  const add = (hour: number, arg: Buffer): void => {
    keys.push(parts.keys.hour(point.name, hour));
    args.push(arg);
  };
  for (const won of winners) add(won.hour, hourArg(point, won, parts));
  const newestHour = point.hours.at(-1) ?? -Infinity;
  if (newestHour > lastHour) {
    for (const [hour, facts] of point.known) if (facts.looseBytes > 0 && hour < newestHour && !winners.some((won) => won.hour === hour)) add(hour, wholeArg(point, hour, facts, parts));
  }
  for (const hour of point.gone.splice(0)) add(hour, deleted);
  args.unshift(withHead(point.encode(parts), expected, args.length));
  return { point, isNew: expected === "", isRemoval: false, keys, args, ...(counts === undefined ? {} : { counts }) };
}

/** What to send so that nothing of the point is left. */
export function pointRemoval(point: PointState, keys: TierKeys): PointWrite {
  const hours = [...point.hours, ...point.gone];
  const head = Buffer.alloc(HEAD_BYTES + NO_STATE.length);
  head.write(NO_STATE, HEAD_BYTES);
  return {
    point, isNew: false, isRemoval: true, keys: [point.name, ...hours.map((hour) => keys.hour(point.name, hour))],
    args: [withHead(head, point.token, hours.length), ...hours.map(() => deleted)],
  };
}

function withHead(state: Buffer, expected: string, hours: number): Buffer {
  state.write(expected === "" ? NO_TOKEN : expected, 0, "latin1");
  state.writeUInt32LE(hours, TOKEN_BYTES);
  return state;
}

function hourArg(point: PointState, { hour, facts, indexes }: HourWinners, parts: WriteParts): Buffer {
  const known = point.known.get(hour)!;
  if (!point.hasHour(hour)) {
    point.addHour(hour);
    return wholeArg(point, hour, known, parts);
  }
  const arg = encodeChunk(hourSteps.append, facts, indexes, parts);
  if (known.looseBytes + arg.length > Math.max(LOOSE_BYTES, known.firstBytes)) return wholeArg(point, hour, known, parts);
  known.storedBytes += arg.length - 1;
  return arg;
}

function wholeArg(point: PointState, hour: number, known: HourFacts, { words }: WriteParts): Buffer {
  const { facts, start, end } = known.run;
  const arg = encodeWhole(hourSteps.set, { facts, start: firstAt(facts, point.floorUs, start, end), end }, words, hour !== point.hours.at(-1));
  known.storedBytes = known.firstBytes = arg.length - 1;
  return arg;
}

import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { parseInstant, partitionOf } from "@caudal/core";
import { readPosition } from "../../../analytics/live/position.ts";
import type { LiveEvent, LiveEvidence } from "../auditor/evidence.ts";

/** What a recorder of the live stream saw, in a file of lines `{ id, data }`; `{ completeFromUs }` where it began and after each reset. */
export interface LiveRecording {
  readonly file: string;
  readonly events: number;
  /** Times that the stream said that something may be missing. */
  readonly resets: number;
  /** What became known before need not have been shown. */
  readonly completeFromUs: number;
}

/** A recording that a process left, by its file alone. */
export async function liveRecordingOf(file: string): Promise<LiveRecording> {
  let [events, begun, completeFromUs] = [0, 0, Infinity];
  for await (const line of linesOf(file)) {
    if (line.completeFromUs === undefined) events += 1;
    else {
      begun += 1;
      completeFromUs = line.completeFromUs;
    }
  }
  return { file, events, resets: Math.max(0, begun - 1), completeFromUs };
}

interface Line {
  readonly id?: string;
  readonly data?: string;
  readonly completeFromUs?: number;
}

interface Data {
  readonly client: string;
  readonly point: string;
  readonly time: string;
  readonly receivedAt: string;
  readonly values: LiveEvent["values"];
}

const EVENTS_AT_ONCE = 500;

/** A recording as the auditor is shown it. */
export function liveEvidence({ file, completeFromUs }: LiveRecording): LiveEvidence {
  return {
    completeFromUs,
    async *events() {
      let events: LiveEvent[] = [];
      for await (const { id, data } of linesOf(file)) {
        if (id === undefined || data === undefined) continue;
        events.push(eventOf(id, data));
        if (events.length < EVENTS_AT_ONCE) continue;
        yield events;
        events = [];
      }
      yield events;
    },
  };
}

async function* linesOf(file: string): AsyncGenerator<Line> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) yield JSON.parse(line) as Line;
}

function eventOf(id: string, data: string): LiveEvent {
  const { client, point, time, receivedAt, values } = JSON.parse(data) as Data;
  return {
    place: placeOf(id, point), client, point, instantUs: instantOf(time), receivedAtUs: instantOf(receivedAt),
    values: values.map(({ variable, value, flag, reasons }) => ({ variable, value, flag, reasons: [...reasons].sort() })),
  };
}

/** The place in the log that the event came from: an id is the place behind it in every partition. */
function placeOf(id: string, point: string): string {
  const position = readPosition(id);
  if (position === undefined) throw new Error(`the live stream gave the id ${id}, which is no place`);
  const partition = partitionOf(point, position.length);
  return `${partition}:${position[partition]! - 1}`;
}

function instantOf(text: string): number {
  const instantUs = parseInstant(text);
  if (instantUs === undefined) throw new Error(`the live stream gave the time ${text}`);
  return instantUs;
}

import { parseSegmentName, segmentName, sha256Hex, topics, type SegmentStore } from "@caudal/core";
import { decodeContainer, encodeContainer } from "@caudal/schemas";
import { systemSleep } from "@caudal/runtime";

export interface EraseSegmentsOptions {
  readonly segments: SegmentStore;
  readonly client: string;
  /** Of the client: point events are keyed by them. */
  readonly points: ReadonlySet<string>;
  readonly signal: AbortSignal;
  readonly progress: (looked: number) => void;
}

/** The archiver may merge segments that were just read: a pass that finds nothing, a moment after one that did, is the last. */
const BETWEEN_PASSES_MS = 300;
const MOST_PASSES = 20;

/** Writes each segment anew without the client's records; the new one is durable before the old one goes. Resolves with how many there were. */
export async function eraseSegments({ segments, client, points, signal, progress }: EraseSegmentsOptions): Promise<number> {
  const isTheirs: Readonly<Record<string, (key: string) => boolean>> = {
    [topics.readings]: (key) => key.startsWith(`${client}/`),
    [topics.points]: (key) => points.has(key),
  };
  // A name holds the hash of what it names, so what was looked at once need not be again.
  const clean = new Set<string>();
  let rewritten = 0;
  for (let pass = 0, found = 1; found > 0 && pass < MOST_PASSES; pass += 1) {
    if (pass > 0) await systemSleep(BETWEEN_PASSES_MS, signal);
    found = 0;
    for (const topic of Object.keys(isTheirs)) {
      for await (const name of namesOf(segments, topic)) {
        signal.throwIfAborted();
        if (clean.has(name)) continue;
        if (await rewrite(segments, name, isTheirs[topic] ?? (() => false))) found += 1;
        else clean.add(name);
        progress(clean.size + rewritten + found);
      }
    }
    rewritten += found;
  }
  return rewritten;
}

async function* namesOf(segments: SegmentStore, topic: string): AsyncGenerator<string> {
  for (let after: string | undefined; ; ) {
    const names = await segments.list(`${topic}/`, after);
    yield* names;
    after = names.at(-1);
    if (after === undefined) return;
  }
}

/** True when the segment held some. */
async function rewrite(segments: SegmentStore, name: string, isTheirs: (key: string) => boolean): Promise<boolean> {
  const span = parseSegmentName(name);
  const bytes = span === undefined ? undefined : await segments.get(name);
  if (span === undefined || bytes === undefined) return false;
  const records = await decodeContainer(bytes);
  const kept = records.filter(({ key }) => !isTheirs(key));
  if (kept.length === records.length) return false;
  // One that is left empty stays: it says that nothing is missing there.
  const without = await encodeContainer(kept, { "caudal.topic": span.topic, "caudal.partition": String(span.partition), "caudal.day": span.day });
  await segments.put(segmentName({ ...span, sha256: sha256Hex(without) }), without);
  await segments.remove(name);
  return true;
}

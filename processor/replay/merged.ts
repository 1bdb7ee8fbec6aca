import type { StoredRecord } from "@caudal/core";

/** Records of one partition that follow each other. */
export interface Slice {
  readonly partition: number;
  readonly records: readonly StoredRecord[];
}

const SLICE_RECORDS = 500;

/**
 * Slices of several partitions, always the one that the log took earliest, so that what happened at one time is met at about one time: the readings
 * behind it are then read once for all of them. Within a partition the order is the log's.
 */
export async function* mergedByTime(streams: ReadonlyMap<number, AsyncIterable<readonly StoredRecord[]>>): AsyncGenerator<Slice> {
  const heads = [...streams].map(([partition, stream]) => ({ partition, slices: slicesOf(stream), next: undefined as readonly StoredRecord[] | undefined }));
  try {
    for (const head of heads) head.next = (await head.slices.next()).value ?? undefined;
    for (;;) {
      const waiting = heads.filter((head) => head.next !== undefined);
      if (waiting.length === 0) return;
      const first = waiting.reduce((least, head) => (head.next![0]!.appendedAtUs < least.next![0]!.appendedAtUs ? head : least));
      yield { partition: first.partition, records: first.next! };
      first.next = (await first.slices.next()).value ?? undefined;
    }
  } finally {
    await Promise.all(heads.map(({ slices }) => slices.return(undefined)));
  }
}

async function* slicesOf(stream: AsyncIterable<readonly StoredRecord[]>): AsyncGenerator<readonly StoredRecord[], undefined> {
  for await (const records of stream) {
    for (let at = 0; at < records.length; at += SLICE_RECORDS) yield records.slice(at, at + SLICE_RECORDS);
  }
  return undefined;
}

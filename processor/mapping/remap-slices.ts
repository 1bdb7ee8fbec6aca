import type { StoredRecord } from "@caudal/core";

/** Records of a turn; between turns the partition's batches go on. */
const SLICE_RECORDS = 1000;

/** Parts of the past, each with so many records of these devices at most. */
export async function* inSlices(past: AsyncIterable<readonly StoredRecord[]>, { ids, recordsATurn }: { readonly ids: ReadonlySet<string>; readonly recordsATurn: number }): AsyncGenerator<readonly StoredRecord[]> {
  for await (const records of past) {
    let from = 0;
    let own = 0;
    for (const [at, { key }] of records.entries()) {
      if (ids.has(key)) own += 1;
      if (own < recordsATurn && at + 1 - from < SLICE_RECORDS) continue;
      yield records.slice(from, at + 1);
      [from, own] = [at + 1, 0];
    }
    if (from < records.length) yield records.slice(from);
  }
}

/** Resolves after the time, or at once when the partition is taken away. */
export function waited(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}

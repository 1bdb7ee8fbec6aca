/** A script as V8 reports it: for each function the ranges of its source with how often each ran. */
export interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly CountedRange[] }[];
}

interface CountedRange {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

/**
 * Which characters ran at least once in any of the processes: 1 for each offset that did. A range inside another says
 * more than the one around it.
 */
export function ranOffsets(reports: readonly ScriptCoverage[], length: number): Uint8Array {
  const ran = new Uint8Array(length);
  for (const report of reports) {
    const one = new Uint8Array(length);
    const ranges = report.functions.flatMap((each) => each.ranges);
    const outerFirst = ranges.toSorted((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
    for (const { startOffset, endOffset, count } of outerFirst) one.fill(count > 0 ? 1 : 0, startOffset, endOffset);
    for (let offset = 0; offset < length; offset += 1) ran[offset]! |= one[offset]!;
  }
  return ran;
}

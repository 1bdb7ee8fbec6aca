import { SAMPLE_CELLS } from "../judging/ring.ts";

/** What is kept beside each sample of a counter, behind the cells that every variable has: by the totaliser, and (the last three) by judging/standing.ts. */
export const column = {
  kind: SAMPLE_CELLS, baseline: SAMPLE_CELLS + 1, baselineUs: SAMPLE_CELLS + 2, offsetM3: SAMPLE_CELLS + 3, waiting: SAMPLE_CELLS + 4, volumeM3: SAMPLE_CELLS + 5, flowLps: SAMPLE_CELLS + 6, verdict: SAMPLE_CELLS + 7,
  standingUs: SAMPLE_CELLS + 8, standing: SAMPLE_CELLS + 9, passedM3: SAMPLE_CELLS + 10,
} as const;
export const COUNTER_CELLS = SAMPLE_CELLS + 11;

/** What one sample hands on to the next: the last count that counts, when it was, m3 of all segments before, and 1 while a person's word has lower counts ignored. */
export interface Carried {
  baseline: number;
  baselineUs: number;
  offsetM3: number;
  waiting: number;
}

export const nothingCarried = (): Carried => ({ baseline: NaN, baselineUs: NaN, offsetM3: 0, waiting: 0 });

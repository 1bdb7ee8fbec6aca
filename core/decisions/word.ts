/**
 * What a person says of one count: it began anew (`reset`), went round (`rollover`), is another meter's (`swap`), is growth (`accept`), or is a fault
 * (`ignore`, and so are lower ones until the count is back). A swap holds between the counts around its instant, all others at the count of that instant.
 */
export const wordVerdicts = ["reset", "rollover", "swap", "accept", "ignore"] as const;
export type WordVerdict = (typeof wordVerdicts)[number];

export interface Word {
  readonly variable: string;
  readonly timeUs: number;
  readonly verdict: WordVerdict;
  /** Last count of the meter that went, where somebody read it; the last sample's else. */
  readonly finalCount?: number;
  /** First count of the meter that came; 0 when absent. */
  readonly initialCount?: number;
  readonly modulus?: number;
  readonly author: string;
  readonly reason: string;
}

/** A word, or one taken back. */
export type WordChange = Word | (Pick<Word, "variable" | "timeUs" | "author" | "reason"> & { readonly verdict: null });

/** Words of a point; more are refused. */
export const MAX_WORDS = 1000;
export const MAX_WORD_TEXT = 1000;

/** The body of a decision event. */
export function wordBody(change: WordChange): string {
  return JSON.stringify(change);
}

/** Samples of each variable that judging remembers: what a person says of older ones changes nothing that follows until a replay. */
export const REMEMBERED_SAMPLES = 32;

/** Registers of 16 and 32 bits, and dials of four to nine digits. */
const counts: readonly number[] = [10_000, 65_536, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 4_294_967_296];
/** The same of registers that count litres, in m3: two of bits, and a dial of six digits. */
export const litreModuli: readonly number[] = [65.536, 1000, 4_294_967.296];

/** After how much a register is usually at zero again, in the variable's stored unit; a total's may count m3 or litres. */
export function usualModuli(variable: string): readonly number[] {
  return variable === "total" ? totals : counts;
}
const totals: readonly number[] = [...counts, ...litreModuli];

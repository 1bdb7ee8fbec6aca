/** Format of packed facts, which buckets and blocks carry in their headers. */
export const PACKED_FORMAT = 2;
/** Format 1 has fewer ways to code a column; what is coded in one of them reads the same. */
const OLDEST_FORMAT = 1;

/** Whether `readFacts` reads it. */
export function isPackedFormat(format: number | undefined): boolean {
  return format !== undefined && format >= OLDEST_FORMAT && format <= PACKED_FORMAT;
}

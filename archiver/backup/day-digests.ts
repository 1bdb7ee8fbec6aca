import { DigestBuilder, type Digest, type RowBlock } from "@caudal/core";

export const DAY_US = 86_400_000_000;

/** One UTC day of a point. */
export interface DayDigest extends Digest {
  readonly dayStartUs: number;
}

/** Digests of a point's days out of blocks with all revisions in time order: the first row of an instant holds the greatest of each fact. */
export class DayDigests {
  readonly #days: DayDigest[] = [];
  #builder = new DigestBuilder();
  #dayStartUs = -Infinity;
  #lastUs = -Infinity;
  revisions = 0;

  add({ rows, timesUs, columns }: RowBlock): void {
    for (let row = 0; row < rows; row++) {
      const instantUs = timesUs[row] ?? 0;
      const isFirst = instantUs !== this.#lastUs;
      if (isFirst) this.#begin(instantUs);
      for (const { variable, values, flags, reasons } of columns) {
        const flag = flags[row] ?? 0;
        if (flag === 0) continue;
        this.revisions += 1;
        const value = values[row] ?? NaN;
        if (isFirst) this.#builder.add({ instantUs, variable, value: Number.isNaN(value) ? null : value, flag, reasons: reasons.get(row) ?? [] });
      }
    }
  }

  finish(): readonly DayDigest[] {
    this.#endDay();
    return this.#days;
  }

  #begin(instantUs: number): void {
    const dayStartUs = Math.floor(instantUs / DAY_US) * DAY_US;
    if (dayStartUs !== this.#dayStartUs) {
      this.#endDay();
      this.#dayStartUs = dayStartUs;
    }
    this.#lastUs = instantUs;
  }

  #endDay(): void {
    const digest = this.#builder.finish();
    if (digest.facts > 0) this.#days.push({ dayStartUs: this.#dayStartUs, ...digest });
    this.#builder = new DigestBuilder();
  }
}

/** What rows are against what was said of them: counts by both names. */
export class Confusion {
  readonly #rows: readonly string[];
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #columns: string[];

  /** Rows and columns stand in the order given; a column that nobody gave comes behind them. */
  constructor(rows: readonly string[], columns: readonly string[]) {
    this.#rows = rows;
    this.#columns = [...columns];
  }

  add(is: string, said: string, count = 1): void {
    if (!this.#columns.includes(said)) this.#columns.push(said);
    const row = this.#counts.get(is) ?? new Map<string, number>();
    this.#counts.set(is, row);
    row.set(said, (row.get(said) ?? 0) + count);
  }

  of(is: string, said: string): number {
    return this.#counts.get(is)?.get(said) ?? 0;
  }

  total(is: string): number {
    return [...(this.#counts.get(is)?.values() ?? [])].reduce((sum, count) => sum + count, 0);
  }

  /** Everything of the other is counted here too. */
  take(other: Confusion): void {
    for (const [is, row] of other.#counts) for (const [said, count] of row) this.add(is, said, count);
  }

  /** As a table: a row for each name that was met, a column for each that was said. */
  table(corner: string): { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] } {
    const columns = this.#columns.filter((said) => this.#rows.some((is) => this.of(is, said) > 0));
    const rows = this.#rows.filter((is) => this.total(is) > 0);
    return { head: [corner, ...columns], rows: rows.map((is) => [is, ...columns.map((said) => this.of(is, said).toLocaleString("en-US"))]) };
  }
}

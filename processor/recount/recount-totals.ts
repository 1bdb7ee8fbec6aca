const DAY_US = 86_400_000_000;

/** What all parts of a recount came to. */
export class RecountTotals {
  readonly #days = new Set<number>();
  #facts = 0;
  #firstUs = Infinity;
  #lastUs = -Infinity;
  #made = 0;
  #gone = 0;

  told(timeUs: number, facts: number): void {
    this.#facts += facts;
    this.#days.add(Math.floor(timeUs / DAY_US));
    this.#firstUs = Math.min(this.#firstUs, timeUs);
    this.#lastUs = Math.max(this.#lastUs, timeUs);
  }

  decided({ made, gone }: { readonly made: number; readonly gone: number }): void {
    this.#made += made;
    this.#gone += gone;
  }

  result(): { readonly facts: number; readonly days: number; readonly firstUs: number | null; readonly lastUs: number | null; readonly decisionsMade: number; readonly decisionsGone: number } {
    const none = this.#facts === 0;
    return { facts: this.#facts, days: this.#days.size, firstUs: none ? null : this.#firstUs, lastUs: none ? null : this.#lastUs, decisionsMade: this.#made, decisionsGone: this.#gone };
  }
}

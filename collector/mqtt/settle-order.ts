interface Slot {
  outcome: { readonly error: unknown } | undefined;
  readonly done: (error: unknown) => void;
}

/** Calls back in the order of the entries, whatever the order in which they are done: acknowledgements of a connection go out so. */
export class SettleOrder {
  readonly #slots: Slot[] = [];
  #first = 0;

  /** Enters one; call what is returned when it is done, with an error or undefined. */
  enter(done: (error: unknown) => void): (error?: unknown) => void {
    const slot: Slot = { outcome: undefined, done };
    this.#slots.push(slot);
    return (error) => {
      slot.outcome = { error };
      this.#flush();
    };
  }

  get waiting(): number {
    return this.#slots.length - this.#first;
  }

  #flush(): void {
    for (let slot = this.#slots[this.#first]; slot?.outcome !== undefined; slot = this.#slots[this.#first]) {
      this.#first++;
      slot.done(slot.outcome.error);
    }
    if (this.#first === this.#slots.length) {
      this.#slots.length = 0;
      this.#first = 0;
    } else if (this.#first > 1000) {
      this.#slots.splice(0, this.#first);
      this.#first = 0;
    }
  }
}

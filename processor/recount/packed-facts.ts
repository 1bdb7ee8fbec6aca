const FIRST_ROOM = 256;

/** Facts as numbers, 28 bytes each: a long past may have very many that are otherwise. */
export class PackedFacts {
  readonly #names: string[] = [];
  #timesUs = new Float64Array(FIRST_ROOM);
  #values = new Float64Array(FIRST_ROOM);
  #judgements = new Float64Array(FIRST_ROOM);
  #variables = new Uint32Array(FIRST_ROOM);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(timeUs: number, variable: string, value: number, judgement: number): void {
    if (this.#count === this.#timesUs.length) this.#grow();
    let name = this.#names.indexOf(variable);
    if (name < 0) name = this.#names.push(variable) - 1;
    this.#timesUs[this.#count] = timeUs;
    this.#values[this.#count] = value;
    this.#judgements[this.#count] = judgement;
    this.#variables[this.#count] = name;
    this.#count++;
  }

  /** The instants with facts, in order, and what is said of each. */
  *byInstant(): Generator<{ readonly timeUs: number; readonly facts: readonly { readonly variable: string; readonly value: number; readonly judgement: number }[] }> {
    const order = Uint32Array.from({ length: this.#count }, (_, index) => index).sort((a, b) => this.#timesUs[a]! - this.#timesUs[b]! || a - b);
    for (let at = 0; at < order.length; ) {
      const timeUs = this.#timesUs[order[at]!]!;
      const facts = [];
      for (; at < order.length && this.#timesUs[order[at]!] === timeUs; at++) {
        const index = order[at]!;
        facts.push({ variable: this.#names[this.#variables[index]!]!, value: this.#values[index]!, judgement: this.#judgements[index]! });
      }
      yield { timeUs, facts };
    }
  }

  #grow(): void {
    const room = this.#timesUs.length * 2;
    const roomy = (numbers: Float64Array): Float64Array<ArrayBuffer> => {
      const grown = new Float64Array(room);
      grown.set(numbers);
      return grown;
    };
    this.#timesUs = roomy(this.#timesUs);
    this.#values = roomy(this.#values);
    this.#judgements = roomy(this.#judgements);
    const variables = new Uint32Array(room);
    variables.set(this.#variables);
    this.#variables = variables;
  }
}

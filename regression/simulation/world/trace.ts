import { createHash, type Hash } from "node:crypto";

/** What happened in a run, as a hash: two runs of one seed have the same, or one of them was not decided by it. */
export class Trace {
  readonly #hash: Hash = createHash("sha256");
  readonly #lines: string[] | undefined;
  #pending = "";

  constructor(keepLines: boolean) {
    this.#lines = keepLines ? [] : undefined;
  }

  add(nowMs: number, line: string): void {
    const text = `${nowMs.toFixed(3)} ${line}`;
    this.#lines?.push(text);
    this.#pending += `${text}\n`;
    if (this.#pending.length > 8192) this.#flush();
  }

  get lines(): readonly string[] {
    return this.#lines ?? [];
  }

  digest(): string {
    this.#flush();
    return this.#hash.copy().digest("hex").slice(0, 32);
  }

  #flush(): void {
    this.#hash.update(this.#pending);
    this.#pending = "";
  }
}

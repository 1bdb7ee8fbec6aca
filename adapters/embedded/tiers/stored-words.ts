import { Words } from "@caudal/core";

/** Words that the tier's file holds. New ones live in memory until the transaction that first stores their number stores them too. */
export class StoredWords extends Words {
  #stored = this.size;

  /** Words that the file holds already, by number. */
  load(texts: readonly string[]): void {
    for (const text of texts) this.idOf(text);
    this.#stored = this.size;
  }

  /** Words that no transaction has stored yet; `markStored` says that one has committed. */
  notStored(): readonly { readonly id: number; readonly text: string }[] {
    return Array.from({ length: this.size - this.#stored }, (_, i) => ({ id: this.#stored + i, text: this.textOf(this.#stored + i) }));
  }

  markStored(): void {
    this.#stored = this.size;
  }
}

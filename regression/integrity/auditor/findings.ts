import type { FindingKind } from "./finding-kinds.ts";
import type { Finding } from "./verdict.ts";

/** Counts findings and keeps some of each kind; memory does not grow with them. */
export class Findings {
  readonly counts: Partial<Record<FindingKind, number>> = {};
  readonly examples: Finding[] = [];
  readonly notes: Record<string, number> = {};
  readonly looked: Record<string, number> = {};
  readonly #perKind: number;

  constructor(perKind: number) {
    this.#perKind = perKind;
  }

  add(finding: Finding): void {
    const count = (this.counts[finding.kind] = (this.counts[finding.kind] ?? 0) + 1);
    if (count <= this.#perKind) this.examples.push(finding);
  }

  note(what: string, count = 1): void {
    if (count > 0) this.notes[what] = (this.notes[what] ?? 0) + count;
  }

  look(what: string, count = 1): void {
    this.looked[what] = (this.looked[what] ?? 0) + count;
  }

  get isEmpty(): boolean {
    return this.examples.length === 0;
  }
}

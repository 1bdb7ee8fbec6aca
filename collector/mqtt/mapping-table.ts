import { filled, type Mapping } from "./mapping-file.ts";

/** The mapping that holds for one topic, with its captures put in. */
export interface Match {
  readonly mapping: Mapping;
  readonly client: string | undefined;
  readonly device: string | undefined;
  readonly source: string;
}

const MAX_REMEMBERED = 20_000;

/** Finds the mapping of a topic: of several that fit, the greatest priority, then the most specific, then the first in the file. */
export class MappingTable {
  readonly #rows: readonly Mapping[];
  readonly #remembered = new Map<string, Match | undefined>();

  constructor(mappings: readonly Mapping[]) {
    this.#rows = mappings.toSorted((a, b) => b.priority - a.priority || compare(b.template.specificity, a.template.specificity));
  }

  find(topic: string): Match | undefined {
    if (this.#remembered.has(topic)) return this.#remembered.get(topic);
    const match = this.#search(topic);
    // Topics come from outside: what is remembered has an end.
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(topic, match);
    return match;
  }

  /** What to subscribe to so that every mapping is fed; filters that another one covers whole are still their own. */
  filters(): readonly string[] {
    return [...new Set(this.#rows.map(({ template }) => template.filter))];
  }

  #search(topic: string): Match | undefined {
    for (const mapping of this.#rows) {
      const captures = mapping.template.match(topic);
      if (captures === undefined) continue;
      const fill = (text: string | undefined): string | undefined => (text === undefined ? undefined : filled(text, captures));
      return { mapping, client: fill(mapping.client), device: fill(mapping.device), source: filled(mapping.source, captures) };
    }
    return undefined;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

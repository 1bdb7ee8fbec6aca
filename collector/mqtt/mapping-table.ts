import { hash } from "node:crypto";
import type { FormatOptions } from "../decode/decoded.ts";
import { filled, type Mapping } from "./mapping-file.ts";

/** The mapping that holds for one topic, with its captures put in. */
export interface Match {
  readonly mapping: Mapping;
  readonly client: string | undefined;
  readonly device: string | undefined;
  readonly source: string;
  /** What the mapping says to its format, with captures put into the name of a plain number. */
  readonly options: FormatOptions;
  /** The topic as it may be kept and shown: without its secrets. */
  readonly origin: string;
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

  /** A topic as it may be logged: without its secrets. */
  shown(topic: string): string {
    return this.find(topic)?.origin ?? topic;
  }

  /** What to subscribe to so that every mapping is fed; filters that another one covers whole are still their own. */
  filters(): readonly string[] {
    return [...new Set(this.#rows.map(({ template }) => template.filter))];
  }

  #search(topic: string): Match | undefined {
    for (const mapping of this.#rows) {
      const written = mapping.template.match(topic);
      if (written === undefined) continue;
      const { secrets } = mapping;
      const captures = secrets.length === 0 ? written : Object.fromEntries(Object.entries(written).map(([name, text]) => [name, secrets.includes(name) ? masked(text) : text]));
      const origin = secrets.length === 0 ? topic : mapping.template.replace(topic, secrets, masked);
      const { key } = mapping.options;
      const fill = (text: string | undefined): string | undefined => (text === undefined ? undefined : filled(text, captures));
      return {
        mapping, client: fill(mapping.client), device: fill(mapping.device), source: filled(mapping.source, captures), origin,
        options: key?.includes("{") === true ? { ...mapping.options, key: filled(key, captures) } : mapping.options,
      };
    }
    return undefined;
  }
}

const MASKED = /^~[0-9a-f]{12}$/;

/** A secret as a part of its hash, which tells two apart and gives nothing away; what is masked already stays. */
function masked(text: string): string {
  return MASKED.test(text) ? text : `~${hash("sha256", text, "hex").slice(0, 12)}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

import { convert, entryOfFeed, parseUnit, storedUnit, type DirectoryEntry, type DirectoryFeed, type UnitRow } from "@caudal/core";
import { isSentinel } from "./sentinel.ts";

/** An entry of the directory, ready for use. */
export interface CompiledEntry {
  readonly entry: DirectoryEntry;
  readonly fromUs: number;
  /** Unit of the source's values and the one that facts are stored in; undefined where the source's is not known. */
  readonly source: UnitRow | undefined;
  readonly stored: UnitRow | undefined;
  /** This one, in a list. */
  readonly alone: readonly [CompiledEntry];
}

/** A feed of a key, ready for use. */
interface CompiledFeed {
  readonly feed: DirectoryFeed;
  readonly fromUs: number;
  readonly untilUs: number;
}

const nothing: readonly CompiledEntry[] = [];

/** What a device's keys mean, as of one version of the directory. */
export class Mapping {
  readonly version: number;
  readonly entries: readonly DirectoryEntry[];
  readonly feeds: readonly DirectoryFeed[];
  /** By key, the newest `validFromUs` first. */
  readonly #byKey = new Map<string, CompiledEntry[]>();
  readonly #feedsOf = new Map<string, CompiledFeed[]>();
  /** What each feed makes of its key while an entry of it holds, by that entry. */
  readonly #fed = new Map<CompiledEntry, Map<CompiledFeed, CompiledEntry>>();

  constructor(version: number, entries: readonly DirectoryEntry[], feeds: readonly DirectoryFeed[] = []) {
    this.version = version;
    this.entries = entries;
    this.feeds = feeds;
    for (const entry of entries) {
      const compiled = compile(entry);
      const known = this.#byKey.get(entry.key);
      if (known === undefined) this.#byKey.set(entry.key, [compiled]);
      else known.push(compiled);
    }
    for (const known of this.#byKey.values()) known.sort((a, b) => b.fromUs - a.fromUs);
    for (const feed of feeds) {
      const compiled = { feed, fromUs: feed.validFromUs ?? -Infinity, untilUs: feed.validUntilUs ?? Infinity };
      const known = this.#feedsOf.get(feed.key);
      if (known === undefined) this.#feedsOf.set(feed.key, [compiled]);
      else known.push(compiled);
    }
  }

  knows(key: string): boolean {
    return this.#byKey.has(key);
  }

  get keys(): number {
    return this.#byKey.size;
  }

  /** What the key means at the instant. */
  at(key: string, timeUs: number): CompiledEntry | undefined {
    const known = this.#byKey.get(key);
    if (known === undefined) return undefined;
    const newest = known[0];
    if (newest !== undefined && newest.fromUs <= timeUs) return newest;
    return known.find((compiled) => compiled.fromUs <= timeUs);
  }

  /** What the key feeds at the instant beside its own point; nothing while it is ignored. */
  fedAt(key: string, timeUs: number): readonly CompiledEntry[] {
    const feeds = this.#feedsOf.get(key);
    if (feeds === undefined) return nothing;
    const own = this.at(key, timeUs);
    if (own === undefined || own.entry.ignored === true) return nothing;
    let fed = this.#fed.get(own);
    if (fed === undefined) this.#fed.set(own, (fed = new Map()));
    const found: CompiledEntry[] = [];
    for (const feed of feeds) {
      if (feed.fromUs > timeUs || feed.untilUs <= timeUs) continue;
      let compiled = fed.get(feed);
      if (compiled === undefined) fed.set(feed, (compiled = compile(entryOfFeed(feed.feed, own.entry))));
      found.push(compiled);
    }
    return found;
  }

  /** Most points that one sample of the key goes to. */
  reach(key: string): number {
    return 1 + (this.#feedsOf.get(key)?.length ?? 0);
  }

  /** False where every sample goes to one point at most. */
  get fans(): boolean {
    return this.feeds.length > 0;
  }
}

function compile(entry: DirectoryEntry): CompiledEntry {
  const source = parseUnit(entry.unit);
  const stored = source === undefined ? undefined : parseUnit(storedUnit(entry.variable, entry.unit));
  const compiled: { -readonly [K in keyof CompiledEntry]: CompiledEntry[K] } = { entry, fromUs: entry.validFromUs ?? -Infinity, source, stored, alone: [undefined as never] };
  compiled.alone = [compiled];
  return compiled;
}

/**
 * The source's number in the unit that facts are stored in, or null for a sentinel. While the unit is a guess, what the source wrote
 * beside this very sample counts more; once a person said it, that holds. A number in the stored unit is not touched.
 */
export function storedValue(compiled: CompiledEntry, value: number, writtenUnit: string | null): number | null {
  const { entry, stored } = compiled;
  let { source } = compiled;
  if (entry.guessed && writtenUnit !== null && writtenUnit !== entry.unit) {
    const written = parseUnit(writtenUnit);
    if (written !== undefined && written.quantity === source?.quantity) source = written;
  }
  if (isSentinel(value, entry.variable, source?.code ?? entry.unit)) return null;
  return source === undefined || stored === undefined ? value : convert(value, source, stored);
}

/** True when a sample at the instant is the same fact under both. Whether a person or a guess said so makes no difference. */
export function sameMeaning(a: CompiledEntry | undefined, b: CompiledEntry | undefined): boolean {
  const left = a?.entry.ignored === true ? undefined : a?.entry;
  const right = b?.entry.ignored === true ? undefined : b?.entry;
  if (left === undefined || right === undefined) return left === right;
  return left.point === right.point && left.channel === right.channel && left.variable === right.variable && left.unit === right.unit;
}

/** What a new version of the directory asks of a device that is mapped by an older one. */
export interface Difference {
  /** Entries of keys that the older one did not have: they have no past. */
  readonly added: readonly DirectoryEntry[];
  /** True when a key that had a meaning has another now, at some instant. */
  readonly remap: boolean;
}

export function differenceOf(applied: Mapping, wanted: Mapping): Difference {
  const added = wanted.entries.filter((entry) => !applied.knows(entry.key));
  const instants = new Set([...applied.entries, ...wanted.entries].map((entry) => entry.validFromUs ?? -Infinity));
  instants.add(-Infinity);
  const keys = new Set(applied.entries.map((entry) => entry.key));
  const remap = [...keys].some((key) => [...instants].some((timeUs) => !sameMeaning(applied.at(key, timeUs), wanted.at(key, timeUs))));
  return { added, remap: remap || !sameFeeds(applied.feeds, wanted.feeds) };
}

function sameFeeds(a: readonly DirectoryFeed[], b: readonly DirectoryFeed[]): boolean {
  return a === b || (a.length === b.length && a.every((feed, index) => sameFeed(feed, b[index]!)));
}

function sameFeed(a: DirectoryFeed, b: DirectoryFeed): boolean {
  return a.key === b.key && a.point === b.point && a.variable === b.variable && a.validFromUs === b.validFromUs && a.validUntilUs === b.validUntilUs;
}

import { convert, parseUnit, storedUnit, type DirectoryEntry, type UnitRow } from "@caudal/core";
import { isSentinel } from "./sentinel.ts";

/** An entry of the directory, ready for use. */
export interface CompiledEntry {
  readonly entry: DirectoryEntry;
  readonly fromUs: number;
  /** Unit of the source's values and the one that facts are stored in; undefined where the source's is not known. */
  readonly source: UnitRow | undefined;
  readonly stored: UnitRow | undefined;
}

/** What a device's keys mean, as of one version of the directory. */
export class Mapping {
  readonly version: number;
  readonly entries: readonly DirectoryEntry[];
  /** By key, the newest `validFromUs` first. */
  readonly #byKey = new Map<string, CompiledEntry[]>();

  constructor(version: number, entries: readonly DirectoryEntry[]) {
    this.version = version;
    this.entries = entries;
    for (const entry of entries) {
      const source = parseUnit(entry.unit);
      const stored = source === undefined ? undefined : parseUnit(storedUnit(entry.variable, entry.unit));
      const compiled = { entry, fromUs: entry.validFromUs ?? -Infinity, source, stored };
      const known = this.#byKey.get(entry.key);
      if (known === undefined) this.#byKey.set(entry.key, [compiled]);
      else known.push(compiled);
    }
    for (const known of this.#byKey.values()) known.sort((a, b) => b.fromUs - a.fromUs);
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
  return { added, remap };
}

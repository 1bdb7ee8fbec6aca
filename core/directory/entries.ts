import { guessVariable, keyName } from "./guess.ts";
import { pointIdOf } from "./point-id.ts";
import type { DirectoryEntry } from "./records.ts";

/** A key that a device sends, with the unit that the source wrote beside it. */
export interface SeenKey {
  readonly key: string;
  readonly unit: string | null;
}

/** What is guessed for more keys than this is left unmapped and counted: a device that sends a new key with each reading must not grow for ever. */
export const MAX_KEYS_PER_DEVICE = 256;
/** Keys shown of a device that waits for adoption. */
export const MAX_KEYS_SEEN = 64;

/** The entry that holds for a key at an instant: the one with the newest `validFromUs` that is not after it. */
export function entryAt(entries: readonly DirectoryEntry[], key: string, timeUs: number): DirectoryEntry | undefined {
  let found: DirectoryEntry | undefined;
  for (const entry of entries) {
    if (entry.key !== key || (entry.validFromUs ?? -Infinity) > timeUs) continue;
    if (found === undefined || (entry.validFromUs ?? -Infinity) >= (found.validFromUs ?? -Infinity)) found = entry;
  }
  return found;
}

/** The entry of a key that begins last. */
export function newestEntry(entries: readonly DirectoryEntry[], key: string): DirectoryEntry | undefined {
  return entryAt(entries, key, Infinity);
}

/**
 * Entries for keys that have none yet, guessed from name and unit, on the device's main point. Two keys of a device never share a
 * variable: the second keeps its own name.
 */
export function guessEntries(owner: { readonly client: string; readonly device: string }, keys: readonly SeenKey[], existing: readonly DirectoryEntry[]): DirectoryEntry[] {
  const point = pointIdOf(owner.client, owner.device);
  const known = new Set(existing.map((entry) => entry.key));
  const taken = new Set(existing.filter((entry) => entry.point === point && entry.ignored !== true).map((entry) => entry.variable));
  const made: DirectoryEntry[] = [];
  for (const { key, unit } of keys) {
    if (known.has(key) || known.size >= MAX_KEYS_PER_DEVICE) continue;
    known.add(key);
    const guess = guessVariable(key, unit);
    const variable = free(guess.variable, key, taken);
    taken.add(variable);
    made.push({ key, channel: "", point, variable, unit: guess.unit, guessed: true, validFromUs: null });
  }
  return made;
}

function free(wanted: string, key: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted;
  const own = keyName(key);
  if (!taken.has(own)) return own;
  for (let number = 2; ; number++) {
    const numbered = `${own}_${number}`;
    if (!taken.has(numbered)) return numbered;
  }
}

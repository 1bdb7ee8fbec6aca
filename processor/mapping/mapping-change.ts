import type { DirectoryFeed } from "@caudal/core";
import { sameMeaning, type CompiledEntry, type Mapping } from "./mapping.ts";

const nobody: readonly CompiledEntry[] = [];

/** What another mapping makes of a sample. */
export interface PlacesChanged {
  /** Places that it has no longer, or in another form. */
  readonly gone: readonly CompiledEntry[];
  /** Places that it has now, or in another form. */
  readonly come: readonly CompiledEntry[];
}

const none: PlacesChanged = { gone: nobody, come: nobody };

/** What changes from one mapping of a device to the next, sample by sample. */
export class MappingChange {
  readonly #before: Mapping;
  readonly #after: Mapping;
  /** By key and point, the first instant at which what the key feeds there is otherwise. */
  readonly #feedsFromUs: ReadonlyMap<string, number>;

  constructor(before: Mapping, after: Mapping) {
    this.#before = before;
    this.#after = after;
    this.#feedsFromUs = changedFeeds(before.feeds, after.feeds);
  }

  /** Most places that one sample gains or loses: what a turn of the remap is measured by. */
  get reach(): number {
    const keys = new Set([...this.#before.entries, ...this.#after.entries].map(({ key }) => key));
    const fans = [...keys].some((key) => !sameEntries(this.#before, this.#after, key)) ? Math.max(...[...keys].map((key) => this.#before.reach(key) + this.#after.reach(key))) : 2;
    return Math.max(fans, 1 + 2 * this.#feedsFromUs.size);
  }

  /**
   * Places of a sample that are otherwise. A feed that changed is said again from the first such instant on, also where it is as it was: judging remembers the newest samples
   * that it is told, and those have to be the newest in the end.
   */
  at(key: string, timeUs: number): PlacesChanged {
    const [old, now] = [this.#before.at(key, timeUs), this.#after.at(key, timeUs)];
    const same = sameMeaning(old, now);
    const [fedBefore, fedAfter] = [this.#before.fedAt(key, timeUs), this.#after.fedAt(key, timeUs)];
    if (same && fedBefore.length === 0 && fedAfter.length === 0) return none;
    const gone: CompiledEntry[] = same || old === undefined || old.entry.ignored === true ? [] : [old];
    const come: CompiledEntry[] = same || now === undefined || now.entry.ignored === true ? [] : [now];
    if (same && this.#feedsFromUs.size === 0) return none;
    const known = new Map(fedBefore.map((compiled) => [compiled.entry.point, compiled]));
    for (const compiled of fedAfter) {
      const was = known.get(compiled.entry.point);
      const isSame = was !== undefined && sameMeaning(was, compiled);
      if (isSame) known.delete(compiled.entry.point);
      if (!isSame || (this.#feedsFromUs.get(`${key}\n${compiled.entry.point}`) ?? Infinity) <= timeUs) come.push(compiled);
    }
    return { gone: [...gone, ...known.values()], come };
  }
}

function sameEntries(before: Mapping, after: Mapping, key: string): boolean {
  const of = ({ entries }: Mapping): string => JSON.stringify(entries.filter((entry) => entry.key === key).map(({ channel, point, variable, unit, validFromUs, ignored }) => [channel, point, variable, unit, validFromUs, ignored === true]).sort());
  return of(before) === of(after);
}

function changedFeeds(before: readonly DirectoryFeed[], after: readonly DirectoryFeed[]): Map<string, number> {
  const placeOf = ({ key, point }: DirectoryFeed): string => `${key}\n${point}`;
  const [old, now] = [Map.groupBy(before, placeOf), Map.groupBy(after, placeOf)];
  const changed = new Map<string, number>();
  for (const place of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(place) ?? [], now.get(place) ?? []];
    const bounds = [...was, ...is].flatMap(({ validFromUs, validUntilUs }) => [validFromUs ?? -Infinity, validUntilUs ?? Infinity]).sort((a, b) => a - b);
    const first = bounds.find((timeUs) => variableAt(was, timeUs) !== variableAt(is, timeUs));
    if (first !== undefined) changed.set(place, first);
  }
  return changed;
}

function variableAt(feeds: readonly DirectoryFeed[], timeUs: number): string | undefined {
  return feeds.find(({ validFromUs, validUntilUs }) => (validFromUs ?? -Infinity) <= timeUs && timeUs < (validUntilUs ?? Infinity))?.variable;
}

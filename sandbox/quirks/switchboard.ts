/** Who can show which quirk, and how often when no share is said. */
export interface Catalogue<Who extends string, Name extends string> {
  readonly everyone: readonly Who[];
  readonly names: readonly Name[];
  readonly share: (name: Name) => number;
  readonly applies: (name: Name, who: Who) => boolean;
}

/** Shares from 0 to 1. Who is not named shows what `all` says. */
export type Shares<Who extends string, Name extends string> = Readonly<Partial<Record<Who | "all", Readonly<Partial<Record<Name, number>>>>>>;

/** A share and since when it holds; the newest last. */
interface Setting {
  readonly sinceMs: number;
  readonly share: number;
}

/** How many changes of one switch are remembered. Rows before the oldest follow it. */
const CHANGES_KEPT = 1000;

/**
 * The quirks' switches. It keeps since when each share holds, so that switching a quirk of rows changes rows to come, and the rows that were
 * given before stay what they were.
 */
export class Switchboard<Who extends string, Name extends string> {
  readonly #catalogue: Catalogue<Who, Name>;
  readonly #settings = new Map<string, Setting[]>();
  readonly #openedMs: number;

  constructor(catalogue: Catalogue<Who, Name>, shares: Shares<Who, Name>, openedMs: number) {
    this.#catalogue = catalogue;
    this.#openedMs = openedMs;
    const asked: Readonly<Partial<Record<string, Readonly<Partial<Record<Name, number>>>>>> = shares;
    for (const who of catalogue.everyone) {
      for (const name of catalogue.names) {
        const share = asked[who]?.[name] ?? asked["all"]?.[name];
        if (share !== undefined && catalogue.applies(name, who)) this.#settings.set(`${who}/${name}`, [{ sinceMs: -Infinity, share: checkedShare(share) }]);
      }
    }
  }

  /** In [0, 1], at an instant. */
  share(who: Who, name: Name, atMs: number): number {
    return this.#at(who, name, atMs)?.share ?? 0;
  }

  /** When the share of an instant came to hold; the sandbox's opening for those it was opened with. */
  sinceMs(who: Who, name: Name, atMs: number): number {
    const since = this.#at(who, name, atMs)?.sinceMs ?? -Infinity;
    return since === -Infinity ? this.#openedMs : since;
  }

  #at(who: Who, name: Name, atMs: number): Setting | undefined {
    return this.#settings.get(`${who}/${name}`)?.findLast((setting) => setting.sinceMs <= atMs);
  }

  /** For "all", everyone who can show it. RangeError for a share outside 0..1, an unknown name, or somebody who cannot show it. */
  set(who: Who | "all", name: Name, { share, nowMs }: { readonly share: number; readonly nowMs: number }): void {
    checkedShare(share);
    const { everyone, applies } = this.#catalogue;
    if (who !== "all" && !applies(name, who)) throw new RangeError(`${who} cannot show ${name}`);
    for (const each of who === "all" ? everyone.filter((id) => applies(name, id)) : [who]) {
      const settings = this.#settings.get(`${each}/${name}`) ?? [];
      settings.push({ sinceMs: nowMs, share });
      if (settings.length > CHANGES_KEPT) settings.splice(0, 1);
      this.#settings.set(`${each}/${name}`, settings);
    }
  }

  /** What is switched on at an instant. */
  current(atMs: number): Partial<Record<Who, Partial<Record<Name, number>>>> {
    const on: Partial<Record<Who, Partial<Record<Name, number>>>> = {};
    for (const who of this.#catalogue.everyone) {
      const shares = this.#catalogue.names.map((name) => [name, this.share(who, name, atMs)] as const).filter(([, share]) => share > 0);
      if (shares.length > 0) on[who] = Object.fromEntries(shares) as Partial<Record<Name, number>>;
    }
    return on;
  }
}

function checkedShare(share: number): number {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`a share is between 0 and 1, not ${share}`);
  return share;
}

/** `NAME`, `NAME=0.1`, `WHO:NAME=0.1`; undefined when it says nothing that can be. */
export function parseSwitch<Who extends string, Name extends string>({ everyone, names, share: shareOf, applies }: Catalogue<Who, Name>, text: string): { readonly who: Who | "all"; readonly name: Name; readonly share: number } | undefined {
  const [, whose = "all", named = "", written] = /^(?:([a-z-]+):)?([a-z0-9-]+)(?:=(.*))?$/.exec(text) ?? [];
  const name = names.find((each) => each === named);
  const who = whose === "all" ? "all" : everyone.find((each) => each === whose);
  if (name === undefined || who === undefined) return undefined;
  const share = written === undefined ? shareOf(name) : written.trim() === "" ? NaN : Number(written);
  if (!(share >= 0 && share <= 1) || (who !== "all" && !applies(name, who))) return undefined;
  return { who, name, share };
}

import { clockDrift } from "./clock-drift.ts";
import { corrected } from "./corrected.ts";
import { duplicate } from "./duplicate.ts";
import { late } from "./late.ts";
import { leak } from "./leak.ts";
import { malformed } from "./malformed.ts";
import { outage } from "./outage.ts";
import { reset } from "./reset.ts";
import { stuck } from "./stuck.ts";
import { swap } from "./swap.ts";
import type { Trouble } from "./trouble.ts";
import { wrap16, wrap32 } from "./wrap.ts";

/** Every trouble, in the order in which they touch a reading; to add one, a file and a row here. */
export const troubles = [wrap16, wrap32, leak, reset, swap, stuck, clockDrift, outage, late, duplicate, corrected, malformed] as const satisfies readonly Trouble[];

export const troubleNames: readonly string[] = troubles.map(({ name }) => name);

/** The troubles of these names. RangeError on a name that is none. */
export function troublesNamed(names: readonly string[]): readonly Trouble[] {
  const unknown = names.find((name) => !troubleNames.includes(name));
  if (unknown !== undefined) throw new RangeError(`"${unknown}" is no trouble; there are ${troubleNames.join(", ")}`);
  return troubles.filter(({ name }) => names.includes(name));
}

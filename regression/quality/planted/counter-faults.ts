import type { Sent, SetUp } from "../replayed-series.ts";
import { cleanMeters, type Base } from "./bases.ts";
import type { FaultPlan, Planted } from "./plan.ts";
import type { Random } from "./random.ts";

/** Pulses of a litre: what a logger on a household's meter sends. */
const pulses: SetUp = { keys: { pulsos: { variable: "pulses", unit: "pulse" } }, settings: { pulseFactorL: 1 } };
/** No household draws more than 3 m3 in an hour; a person who sets up one would say so. */
const household: SetUp = { ...pulses, limits: { pulses: { maxRatePerS: 3000 / 3600 } } };

const common = { into: "household meters", variable: "pulses", partRows: 150, bases: () => cleanMeters(3) } as const;
/** The same meters as those who read them send them: a total in litres. */
const total: SetUp = { keys: { pulsos: { variable: "total", unit: "L" } }, settings: { counter: "total" } };
const own = { ...common, limits: "default", setUp: pulses } as const;
const said = { ...common, limits: "3 m³/h", setUp: household } as const;

export function pulseRow(timeUs: number, value: number | string): Sent {
  return { timeUs, values: { pulsos: value } };
}

export function middleOf(part: Base, random: Random): number {
  return random.whole(Math.floor(part.length * 0.4), Math.floor(part.length * 0.6));
}

const trueL = (part: Base): number => part.at(-1)!.value - part[0]!.value;

/** Other values in a few rows; what was counted stays what it was. */
function rowsAltered(part: Base, at: number, rows: number, alter: (value: number, before: number) => number | string): Planted {
  const before = part[at - 1]!.value;
  const sent = part.map(({ timeUs, value }, index) => pulseRow(timeUs, index >= at && index < at + rows ? alter(value, before) : value));
  return { sent, timesUs: part.slice(at, at + rows).map(({ timeUs }) => timeUs), countedL: trueL(part) };
}

/** Other values from a row on. */
function fromThere(part: Base, at: number, alter: (value: number, before: number) => number): Planted {
  const before = part[at - 1]!.value;
  return { sent: part.map(({ timeUs, value }, index) => pulseRow(timeUs, index >= at ? alter(value, before) : value)), timesUs: [part[at]!.timeUs], countedL: trueL(part) };
}

/** The whole part lifted so that the register goes round between two rows. */
function turned(modulus: number): FaultPlan["plant"] {
  return (part, random) => {
    let at = middleOf(part, random);
    while (at < part.length - 1 && part[at]!.value === part[at - 1]!.value) at++;
    const growth = Math.max(1, part[at]!.value - part[at - 1]!.value);
    const lift = modulus - random.whole(1, growth) - part[at - 1]!.value;
    const sent = part.map(({ timeUs, value }) => pulseRow(timeUs, (value + lift) % modulus));
    return { sent, timesUs: part[at]!.value > part[at - 1]!.value ? [part[at]!.timeUs] : [], countedL: trueL(part) };
  };
}

function swapped(part: Base, random: Random, told: boolean): Planted {
  const at = middleOf(part, random);
  const [initialCount, before] = [random.whole(0, 500), part[at - 1]!];
  const planted = fromThere(part, at, (value) => value - before.value + initialCount);
  if (!told) return { sent: planted.sent, timesUs: planted.timesUs };
  const timeUs = Math.floor((before.timeUs + part[at]!.timeUs) / 2);
  return { ...planted, words: [{ variable: "pulses", timeUs, verdict: "swap", author: "Ana", reason: "changed on site", finalCount: before.value, initialCount }] };
}

const silent = (part: Base, random: Random): Planted => {
  const at = middleOf(part, random);
  const { sent } = fromThere(part, at, (value, before) => value - before);
  return { sent: sent.filter((_, index) => index < at || index >= at + 5), timesUs: [part[at + 5]!.timeUs], countedL: trueL(part) };
};

export const counterFaults: readonly FaultPlan[] = [
  { ...own, fault: "1 to 50 L less, 1 to 3 rows", reason: "jitter", plant: (part, random) => rowsAltered(part, middleOf(part, random), random.whole(1, 3), (_, before) => before - random.whole(1, 50)) },
  { ...own, fault: "last one or two digits cut off, 1 to 3 rows", reason: "truncated", plant: (part, random) => {
    const power = random.of([10, 100]);
    return rowsAltered(part, middleOf(part, random), random.whole(1, 3), (value) => Math.floor(value / power));
  } },
  { ...own, fault: "zero, 1 to 3 rows", reason: "zero-kept", plant: (part, random) => rowsAltered(part, middleOf(part, random), random.whole(1, 3), () => 0) },
  { ...own, fault: "a bit lost: 2^10 to 2^15 L less, 1 row", reason: "spike", plant: (part, random) => rowsAltered(part, middleOf(part, random), 1, (value) => value - 2 ** random.whole(10, 15)) },
  { ...own, fault: "a bit too many: 2^20 to 2^30 L more, 1 row", reason: "spike", plant: (part, random) => rowsAltered(part, middleOf(part, random), 1, (value) => value + 2 ** random.whole(20, 30)) },
  { ...own, fault: "a bit too many: 2^13 to 2^18 L more, 1 row", reason: "spike", plant: (part, random) => rowsAltered(part, middleOf(part, random), 1, (value) => value + 2 ** random.whole(13, 18)) },
  { ...said, fault: "a bit too many: 2^13 to 2^18 L more, 1 row", reason: "spike", plant: (part, random) => rowsAltered(part, middleOf(part, random), 1, (value) => value + 2 ** random.whole(13, 18)) },
  { ...own, fault: "a code below zero, 1 to 3 rows", reason: "sentinel", plant: (part, random) => rowsAltered(part, middleOf(part, random), random.whole(1, 3), () => -random.whole(1, 9)) },
  { ...own, fault: "begun anew after 5 h of silence", reason: "counter-reset", plant: silent },
  { ...own, fault: "begun anew without a silence", reason: "counter-reset", plant: (part, random) => fromThere(part, middleOf(part, random), (value, before) => value - before) },
  { ...own, fault: "register round at 2^16", reason: "rollover", plant: turned(65_536) },
  { ...own, fault: "register round at 999,999", reason: "rollover", plant: turned(1_000_000) },
  { ...own, fault: "register round at 2^32", reason: "rollover", plant: turned(2 ** 32) },
  ...([[2 ** 16, "2^16 L"], [1_000_000, "999,999 L"], [2 ** 32, "2^32 L"]] as const).map(([modulus, name]): FaultPlan => ({
    ...own, setUp: total, variable: "total", fault: `register of a total round at ${name}`, reason: "rollover", plant: turned(modulus),
  })),
  { ...own, fault: "meter swapped, a person said so", reason: "meter-swap", plant: (part, random) => swapped(part, random, true) },
  { ...own, fault: "meter swapped, nobody said so", reason: "counter-reset", plant: (part, random) => swapped(part, random, false) },
  { ...own, fault: "600 to 5,000 m³ at once, and on from there", reason: "jump", plant: (part, random) => unasked(fromThere(part, middleOf(part, random), lifted(random.whole(600_000, 5_000_000)))) },
  { ...own, fault: "4 to 50 m³ at once, and on from there", reason: "jump", plant: (part, random) => unasked(fromThere(part, middleOf(part, random), lifted(random.whole(4000, 50_000)))) },
  { ...said, fault: "4 to 50 m³ at once, and on from there", reason: "jump", plant: (part, random) => unasked(fromThere(part, middleOf(part, random), lifted(random.whole(4000, 50_000)))) },
];

const lifted = (litres: number) => (value: number): number => value + litres;

/** Whether a jump was water nobody knows, so its volume is not asked. */
function unasked({ sent, timesUs }: Planted): Planted {
  return { sent, timesUs };
}

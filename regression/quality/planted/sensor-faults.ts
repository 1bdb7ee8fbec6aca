import type { Sent, SetUp } from "../replayed-series.ts";
import { riverSensor, wellFlow, wellHeads, type Base } from "./bases.ts";
import { middleOf } from "./counter-faults.ts";
import type { FaultPlan, Planted } from "./plan.ts";
import type { Random } from "./random.ts";

const one = (key: string, variable: string, unit: string): SetUp["keys"] => ({ [key]: { variable, unit } });

const well = { into: "well, hourly", variable: "level", bases: () => [wellHeads()], partRows: 200 } as const;
const wellKeys = one("nivel", "level", "m");
/** What someone who knows wells would set before seeing any: half a metre an hour, a quarter of one for a single value, five days for a logger that shows centimetres. */
const wellLimits: SetUp = { keys: wellKeys, limits: { level: { maxRatePerS: 0.5 / 3600, spike: 0.25, flatLineS: 5 * 86_400 } } };
const wellSaid = { ...well, limits: "0.5 m/h, 0.25 m, 5 d", setUp: wellLimits } as const;
const probe = { ...well, limits: "sensor at 40 m", setUp: { keys: wellKeys, settings: { levelKind: "water-column", levelDivisor: 1, sensorDepthM: 40 } } } as const;
const ph = { into: "river, 15 min", variable: "ph", limits: "default", setUp: { keys: one("ph", "ph", "pH") }, bases: () => [riverSensor("ph")], partRows: 200 } as const;
const temperature = { into: "river, 15 min", variable: "temperature", bases: () => [riverSensor("temp")], partRows: 200 } as const;
const temperatureKeys = one("temp", "temperature", "Cel");
const flow = { into: "flow, 5 min", variable: "flow", bases: () => [wellFlow()], partRows: 150 } as const;
const flowKeys = one("caudal", "flow", "L/s");

function altered(key: string, rows: readonly [least: number, most: number], alter: (value: number, before: number) => number, always = false) {
  return (part: Base, random: Random): Planted => {
    const at = middleOf(part, random);
    const count = random.whole(...rows);
    const before = part[at - 1]!.value;
    const sent = part.map(({ timeUs, value }, index): Sent => ({ timeUs, values: { [key]: index >= at && (always || index < at + count) ? alter(value, before) : value } }));
    return { sent, timesUs: part.slice(at, at + count).map(({ timeUs }) => timeUs) };
  };
}

/** The value of a row for the next hours. */
function frozen(key: string, hours: readonly [least: number, most: number]) {
  return (part: Base, random: Random): Planted => {
    const at = random.whole(10, 20);
    const untilUs = part[at]!.timeUs + random.whole(...hours) * 3_600_000_000;
    const held = part[at]!.value;
    const isHeld = (timeUs: number, index: number): boolean => index >= at && timeUs <= untilUs;
    return {
      sent: part.map(({ timeUs, value }, index) => ({ timeUs, values: { [key]: isHeld(timeUs, index) ? held : value } })),
      timesUs: part.filter(({ timeUs }, index) => isHeld(timeUs, index)).map(({ timeUs }) => timeUs),
    };
  };
}

const drawn = (make: (random: Random) => FaultPlan["plant"]): FaultPlan["plant"] => (part, random) => make(random)(part, random);
const rounded = (value: number): number => Number(value.toFixed(2));

export const sensorFaults: readonly FaultPlan[] = [
  { ...wellSaid, fault: "0.3 to 5 m off, 1 row", reason: "spike", plant: drawn((random) => altered("nivel", [1, 1], (value) => rounded(value + random.sign() * random.spread(0.3, 5)))) },
  { ...well, limits: "default", setUp: { keys: wellKeys }, fault: "0.3 to 5 m off, 1 row", reason: "spike", plant: drawn((random) => altered("nivel", [1, 1], (value) => rounded(value + random.sign() * random.spread(0.3, 5)))) },
  { ...wellSaid, fault: "0.6 to 5 m off, and on from there", reason: "rate", plant: drawn((random) => {
    const stepM = random.sign() * random.spread(0.6, 5);
    return altered("nivel", [1, 1], (value) => rounded(value + stepM), true);
  }) },
  { ...well, limits: "default", setUp: { keys: wellKeys }, fault: "400 to 900 m off, and on from there", reason: "rate", plant: drawn((random) => {
    const stepM = random.sign() * random.spread(400, 900);
    return altered("nivel", [1, 1], (value) => rounded(value + stepM), true);
  }) },
  { ...wellSaid, partRows: 500, fault: "the same number for 6 to 15 days", reason: "flat-line", plant: frozen("nivel", [6 * 24, 15 * 24]) },
  { ...well, limits: "default", setUp: { keys: wellKeys }, partRows: 1500, fault: "the same number for 31 to 50 days", reason: "flat-line", plant: frozen("nivel", [31 * 24, 50 * 24]) },
  { ...probe, fault: "0.1 to 5 m below the probe, 1 to 3 rows", reason: "impossible-level", plant: drawn((random) => altered("nivel", [1, 3], () => -rounded(random.spread(0.1, 5)))) },
  { ...probe, fault: "0.1 to 10 m above the surface, 1 to 3 rows", reason: "impossible-level", plant: drawn((random) => altered("nivel", [1, 3], () => 40 + rounded(random.spread(0.1, 10)))) },
  { ...well, limits: "default", setUp: { keys: wellKeys }, fault: "a code of no reading, 1 to 3 rows", reason: "sentinel", plant: drawn((random) => altered("nivel", [1, 3], () => random.of([-999, -9999, -3200, -32768, -99999]))) },
  { ...ph, fault: "pH 14.1 to 40, 1 to 3 rows", reason: "above-range", plant: drawn((random) => altered("ph", [1, 3], () => rounded(random.spread(14.1, 40)))) },
  { ...ph, fault: "pH below zero, 1 to 3 rows", reason: "below-range", plant: drawn((random) => altered("ph", [1, 3], () => -rounded(random.spread(0.05, 10)))) },
  { ...temperature, limits: "default", setUp: { keys: temperatureKeys }, fault: "-51 to -200 °C, 1 to 3 rows", reason: "below-range", plant: drawn((random) => altered("temp", [1, 3], () => -rounded(random.spread(51, 200)))) },
  { ...temperature, limits: "1.5 °C", setUp: { keys: temperatureKeys, limits: { temperature: { spike: 1.5 } } }, fault: "2 to 30 °C off, 1 row", reason: "spike", plant: drawn((random) => altered("temp", [1, 1], (value) => rounded(value + random.sign() * random.spread(2, 30)))) },
  { ...flow, limits: "default", setUp: { keys: flowKeys }, fault: "a flow below zero, 1 to 3 rows", reason: "below-range", plant: drawn((random) => altered("caudal", [1, 3], () => -rounded(random.spread(0.1, 100)))) },
  { ...flow, limits: "right 40 L/s + 5 %", setUp: { keys: flowKeys, settings: { rightFlowLps: 40, rightTolerance: 0.05 } }, fault: "a flow 6 % to 4 times above the right, 1 to 3 rows", reason: "beyond-right", plant: drawn((random) => altered("caudal", [1, 3], () => rounded(40 * random.spread(1.06, 4)))) },
  { ...flow, limits: "default", setUp: { keys: flowKeys }, partRows: 800, fault: "the same flow for 25 to 60 h", reason: "flat-line", plant: frozen("caudal", [25, 60]) },
  { ...flow, limits: "default", setUp: { keys: { ...flowKeys, total: { variable: "total", unit: "m3" } } }, variable: "total", fault: "the total stands still for 12 to 60 rows while water flows", reason: "stuck-totaliser", plant: stuck },
];

function stuck(part: Base, random: Random): Planted {
  const at = middleOf(part, random);
  const rows = random.whole(12, 60);
  const isStuck = (index: number): boolean => index >= at && index < at + rows;
  return {
    sent: part.map(({ timeUs, value, beside }, index) => ({ timeUs, values: { caudal: value, total: isStuck(index) ? part[at - 1]!.beside! : beside! } })),
    timesUs: part.slice(at, at + rows).map(({ timeUs }) => timeUs),
  };
}

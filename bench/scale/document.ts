import { amount, renderTable } from "../harness/report.ts";
import { assumptions as a, fleets } from "./assumptions.ts";
import { costsOf, type KnownCost } from "./costs.ts";
import { bytesOf, cpuOf, parts, planFleet, priceOf, type Fleet, type Machines } from "./plan.ts";

const TB = 1e12;
const GB = 1e9;

/** The computed parts of docs/scale.md, by the name of their markers. */
export function computedParts(known: readonly KnownCost[]): ReadonlyMap<string, string> {
  const costs = costsOf(known);
  const plans = fleets.map((fleet) => ({ fleet, plan: planFleet(fleet, costs), bytes: bytesOf(fleet, costs) }));
  const heads = fleets.map(nameOf);
  const cpu = cpuOf(costs);
  const size = (bytes: number): string => (bytes >= TB ? `${amount(bytes / TB)} TB` : `${amount(bytes / GB)} GB`);
  const rows = (each: readonly (readonly [string, (one: (typeof plans)[number]) => string])[]): string[][] => each.map(([name, text]) => [name, ...plans.map(text)]);
  const oneAMonth = (one: (typeof plans)[number]): string => `${amount(one.plan.money / (one.fleet.points / 1000))} USD`;
  return new Map([
    ["costs", renderTable(["cost of a reading of three values", "", "from"], known.map(({ says, value, unit, source, isMeasured }) => [says, `${amount(value)} ${unit}`, isMeasured ? source : `**not measured yet**: ${source}`]))],
    ["assumptions", renderTable(["assumption", "value"], assumptionRows())],
    ["cpu", renderTable(["part", "CPU a reading"], [...parts.filter((part) => cpu[part] > 0).map((part) => [part, `${amount(cpu[part])} µs`]), ["embedded, one process", `${amount(costs.embeddedUs)} µs`]])],
    ["fleets", renderTable(["", ...heads], rows([
      ["readings/s, mean", ({ plan }) => amount(Math.round(plan.readingsPerS))],
      ["readings/s, planned for", ({ plan }) => amount(Math.round(plan.peakPerS))],
      ["installations (cells)", ({ plan }) => amount(plan.cells)],
      ...(["Redis, memory", "Redis, its one core", "MongoDB, its primary"] as const).map((by) => [`cells that ${by} asks for`, ({ plan }: (typeof plans)[number]) => amount(plan.cellsBy[by])] as const),
      ["points a cell", ({ fleet, plan }) => amount(Math.round(fleet.points / plan.cells))],
      ["partitions of a topic, a cell", ({ plan }) => amount(plan.partitionsACell)],
      ...parts.map((part) => [part, ({ plan }: (typeof plans)[number]) => machineText(plan.machines[part])] as const),
      ["machines", ({ plan }) => amount(parts.reduce((sum, part) => sum + plan.machines[part].count, 0))],
      ["cores", ({ plan }) => amount(parts.reduce((sum, part) => sum + plan.machines[part].count * plan.machines[part].cores, 0))],
      ["Kafka, 7 days, all copies", ({ bytes }) => size(bytes.kafka)],
      ["Redis, 3 days, one copy", ({ bytes }) => size(bytes.redis)],
      ["MongoDB, all copies", ({ bytes }) => size(bytes.mongo)],
      ["Cassandra, all copies", ({ bytes }) => size(bytes.cassandra)],
      ["raw archive, all copies", ({ bytes }) => size(bytes.archive)],
      ["a month", ({ plan }) => `${amount(Math.round(plan.money))} USD`],
      ["of it, a thousand points", oneAMonth],
    ]))],
    ["embedded", renderTable(["embedded, one process", ...heads], [
      ["cores at the planned rate", ...plans.map(({ plan }) => amount((plan.peakPerS * costs.embeddedUs) / 1e6))],
      ["cold, a year, one copy", ...plans.map(({ fleet }) => size((365 * 86_400 * fleet.points * costs.embeddedBytes) / fleet.intervalS))],
      ["fits", ...plans.map(({ fleet, plan }) => (fleet.points > 100_000 ? "no: more points than were ever tried" : (plan.peakPerS * costs.embeddedUs) / 1e6 < 1 ? "yes" : "no: more than one core of work"))],
    ])],
    ["money", renderTable(["a month, USD", ...heads], parts.map((part) => [part, ...plans.map(({ plan }) => amount(Math.round(priceOf(plan.machines[part]))))]))],
  ]);
}

function assumptionRows(): string[][] {
  return Object.entries(a).filter(([, value]) => typeof value === "number").map(([name, value]) => [`\`${name}\``, String(value)]).concat([["`machines`", a.machines.map(({ cores, memoryGiB }) => `${cores} cores, ${memoryGiB} GiB`).join("; ")]]);
}

function nameOf({ points, intervalS }: Fleet): string {
  return `${points >= 1e6 ? `${points / 1e6} million` : amount(points)} points, ${intervalS / 60} min`;
}

function machineText({ count, cores, memoryGiB, diskGb }: Machines): string {
  return `${amount(count)} × ${cores} cores, ${memoryGiB} GiB${diskGb > 0 ? `, ${amount(Math.ceil(diskGb / count))} GB` : ""}`;
}

/** The text with what stands between its markers replaced. Throws where a marker is missing. */
export function withParts(text: string, computed: ReadonlyMap<string, string>): string {
  let result = text;
  for (const [name, part] of computed) {
    const [from, to] = [`<!-- computed: ${name} -->`, `<!-- end: ${name} -->`];
    const [start, end] = [result.indexOf(from), result.indexOf(to)];
    if (start < 0 || end < start) throw new Error(`docs/scale.md has no ${from} … ${to}`);
    result = `${result.slice(0, start + from.length)}\n\n${part}\n\n${result.slice(end)}`;
  }
  return result;
}

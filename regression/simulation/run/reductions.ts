import type { StoreTemper } from "../world/conditions.ts";
import type { RunEvent, RunPlan } from "./plan.ts";

/** Troubles that can be taken out of a plan by name, to find those that a failure needs. */
const withoutEvents = (kind: RunEvent["kind"]) => (plan: RunPlan): RunPlan => ({ ...plan, events: plan.events.filter((event) => event.kind !== kind) });
const withTempers = (change: Partial<StoreTemper>) => (plan: RunPlan): RunPlan => ({
  ...plan, tempers: Object.fromEntries(Object.entries(plan.tempers).map(([name, temper]) => [name, { ...temper, ...change }])),
});

export const reductions: Readonly<Record<string, (plan: RunPlan) => RunPlan>> = {
  "away": withoutEvents("away"),
  "store-crash": withoutEvents("store-crash"),
  "power-cut": withoutEvents("power-cut"),
  "kill": withoutEvents("kill"),
  "restart": withoutEvents("restart"),
  "hold": withoutEvents("hold"),
  "expire": withoutEvents("expire"),
  "fault-points": (plan) => ({ ...plan, killChance: 0 }),
  "tears": (plan) => ({ ...plan, tears: false }),
  "lost-answers": withTempers({ lostAnswer: 0 }),
  "refusals": withTempers({ refused: 0 }),
  "ghosts": withTempers({ ghost: 0 }),
  "slowness": withTempers({ slow: 0 }),
  "partitions": (plan) => ({ ...plan, partitions: 1 }),
  "devices": (plan) => ({ ...plan, devices: 1 }),
  "batches": (plan) => ({ ...plan, batch: 1 }),
};

/** A plan without the troubles named. RangeError for a name that is none. */
export function without(names: readonly string[]): (plan: RunPlan) => RunPlan {
  const chosen = names.map((name) => {
    const reduce = reductions[name];
    if (reduce === undefined) throw new RangeError(`no such trouble: ${name}; there are ${Object.keys(reductions).join(", ")}`);
    return reduce;
  });
  return (plan) => chosen.reduce((reduced, reduce) => reduce(reduced), plan);
}

/** Takes out one trouble after another and keeps out what the failure does not need. */
export async function shrink(fails: (names: readonly string[]) => Promise<boolean>): Promise<readonly string[]> {
  let needless: readonly string[] = [];
  for (const name of Object.keys(reductions)) {
    const tried = [...needless, name];
    if (await fails(tried)) needless = tried;
  }
  return needless;
}

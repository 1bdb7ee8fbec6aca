import type { RangeQuery } from "@caudal/core";
import { goodHour, openFreezingScene, type FreezingScene } from "../../compliance/selection/test-freezing.ts";
import { defineBenchmark, type BenchContext } from "../harness/benchmark.ts";

const WORKS = 1000;
const HOURS = 24;
const MOST_ROUNDS = 500;

interface Frozen {
  readonly slots: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly mostReads: number;
}

/** Rounds until nothing is left to do, as the service runs them. */
async function freezeAll(scene: FreezingScene, reads: () => number): Promise<Frozen> {
  const [startMs, cpu] = [performance.now(), process.cpuUsage()];
  let [slots, mostReads] = [0, 0];
  for (let rounds = 0; rounds < MOST_ROUNDS; rounds++) {
    const before = reads();
    const round = await scene.freezing().round();
    slots += round.frozen;
    mostReads = Math.max(mostReads, reads() - before);
    if (round.isWhole && round.frozen === 0) break;
  }
  const used = process.cpuUsage(cpu);
  return { slots, seconds: (performance.now() - startMs) / 1000, cpuSeconds: (used.user + used.system) / 1e6, mostReads };
}

function tell(context: BenchContext, name: string, { slots, seconds, cpuSeconds, mostReads }: Frozen, limitSeconds: number): void {
  context.figure({ name: `${name}: slots frozen`, value: slots, unit: "slots" });
  context.figure({ name: `${name}: time`, value: Math.round(seconds * 10) / 10, unit: "s", atMost: limitSeconds });
  context.figure({ name: `${name}: CPU of this process, its stores included`, value: Math.round(cpuSeconds * 10) / 10, unit: "s", atMost: limitSeconds });
  context.figure({ name: `${name}: reads of the tier in a round, at most`, value: mostReads, unit: "reads" });
}

export const benchmark = defineBenchmark({
  name: "compliance-freezing",
  about: `${WORKS} works with a slot an hour on the embedded engine: ${HOURS} hours that had piled up, then one more hour with its words from the topic, frozen by the service's own rounds.`,
  needs: [],
  seconds: 0,
  async run(context) {
    const scene = await openFreezingScene();
    context.closing(() => scene.close());
    const points = Array.from({ length: WORKS }, (_, index) => `p${index + 1}`);
    for (const [index, point] of points.entries()) {
      await scene.put({ code: `OB-0602-${index + 1}`, feeds: (["flow", "total", "depth"] as const).map((quantity) => ({ quantity, point, variable: quantity })) });
    }
    while (!(await scene.freezing().round()).isWhole);
    for (let hour = 0; hour < HOURS; hour++) await scene.warm.write(points.map((point) => goodHour(hour, {}, { point })));
    let reads = 0;
    const read = scene.warm.read.bind(scene.warm);
    scene.warm.read = (scope, query: RangeQuery) => ((reads += 1), read(scope, query));
    scene.at(HOURS * 60 - 10);
    tell(context, `${HOURS} hours piled up`, await freezeAll(scene, () => reads), 3600);
    scene.at(HOURS * 60 + 1);
    await scene.measure(...points.map((point) => goodHour(HOURS, {}, { point })));
    scene.at(HOURS * 60 + 10);
    tell(context, "an hour", await freezeAll(scene, () => reads), 600);
  },
});

import { groups, topics } from "@caudal/core";
import { createParkBreaker } from "@caudal/runtime";
import { BATCH, STATES, type ConsumerPlan, type GroupOptions } from "../consumer-plan.ts";
import { Partitions } from "../state/partitions.ts";
import type { TallyBody } from "../state/tally.ts";
import { JudgingHandler } from "./judging-handler.ts";
import { pointForm, pointStateCollection, type PointStateBody } from "./point-form.ts";

export interface Judging {
  readonly plan: ConsumerPlan;
  tick(): Promise<void>;
  tally(): TallyBody;
}

/** The group that judges samples. */
export async function openJudging(options: GroupOptions): Promise<Judging> {
  const collection = await options.documents.collection<PointStateBody>(pointStateCollection);
  const partitions = new Partitions({ ...options, ...STATES, collection, form: pointForm });
  const breaker = createParkBreaker({ group: groups.judging, clock: options.clock });
  const handler = new JudgingHandler({ ...options, breaker, partitions });
  return {
    plan: { group: groups.judging, topic: topics.points, handler, breaker, commit: "by-handler", ...BATCH },
    tick: () => partitions.tick(),
    tally: () => partitions.tally(),
  };
}

import { decisionCollection, groups, recountCollection, topics, type DecisionRecord, type RecountRecord, type SeriesTier } from "@caudal/core";
import { createParkBreaker, type TallyBody } from "@caudal/runtime";
import { BATCH, STATES, type ConsumerPlan, type GroupOptions } from "../consumer-plan.ts";
import { RecountNotes, type RecountRest } from "../recount/recount-notes.ts";
import { RecountRunner, type JudgingPartition, type RecountStatus } from "../recount/recount-runner.ts";
import { Partitions } from "../state/partitions.ts";
import { JudgingCounts } from "./judging-counts.ts";
import { JudgingHandler } from "./judging-handler.ts";
import { pointForm, pointStateCollection, type PointStateBody } from "./point-form.ts";
import type { PointState } from "./point-state.ts";

export interface Judging {
  readonly plan: ConsumerPlan;
  tick(): Promise<void>;
  noticeErasures(): Promise<void>;
  tally(): TallyBody;
  recounting(): RecountStatus;
  /** Ends the recount that is under way; what it is for stays noted. */
  stop(): Promise<void>;
}

export interface JudgingOptions extends GroupOptions {
  /** What recounts read; without it nothing that is no longer remembered is computed again. */
  readonly cold?: SeriesTier;
  readonly rest?: RecountRest;
}

const REST: RecountRest = { quietMs: 30_000, mostMs: 300_000 };

/** The group that judges samples. */
export async function openJudging(options: JudgingOptions): Promise<Judging> {
  const collection = await options.documents.collection<PointStateBody>(pointStateCollection);
  const decisions = await options.documents.collection<DecisionRecord>(decisionCollection);
  const notes = new RecountNotes(await options.documents.collection<RecountRecord>(recountCollection), options.clock);
  const partitions = new Partitions({
    ...options, ...STATES, collection, form: pointForm, writeFirst: (states: readonly PointState[]) => notes.write(states),
    counts: ({ partition }, head) => JudgingCounts.begin({ ...options, partition, head }),
  });
  const breaker = createParkBreaker({ group: groups.judging, clock: options.clock });
  const { cold, rest = REST } = options;
  const partition = (number: number): JudgingPartition | undefined => partitions.all().find(({ assignment }) => assignment.partition === number);
  const recounts = cold === undefined ? undefined : new RecountRunner({ ...options, cold, rest, decisions, notes, nowUs: () => options.clock.nowUs(), partition });
  const handler = new JudgingHandler({ ...options, breaker, partitions, decisions, recounts });
  return {
    plan: { group: groups.judging, topic: topics.points, handler, breaker, commit: "by-handler", ...BATCH },
    tick: async () => {
      recounts?.tick();
      await partitions.tick();
    },
    recounting: () => recounts?.status() ?? { points: 0, sinceUs: null },
    stop: async () => recounts?.stop(),
    noticeErasures: () => handler.noticeErasures(),
    tally: () => partitions.tally(),
  };
}

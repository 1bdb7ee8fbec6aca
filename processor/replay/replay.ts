import { groups, topics, type PointKey } from "@caudal/core";
import type { JobProgress, JobRun, Logger } from "@caudal/runtime";
import { markReplayed, Publication, type ApplyOptions } from "./apply.ts";
import type { Change } from "./change.ts";
import { comparePoint, type Comparison } from "./compare-point.ts";
import type { Findings, FindingsSummary } from "./findings.ts";
import type { ReplayOptions, ReplayRequest, Shadow } from "./options.ts";
import { Rejudge, type RejudgeCounts } from "./rejudge.ts";
import { ReplayScope } from "./scope.ts";
import { Trial } from "./trial.ts";
import { endsOf, passed, settledPoints, type Ends, type SettleOptions } from "./settled-groups.ts";

export interface ReplayResult extends FindingsSummary, RejudgeCounts, Omit<Comparison, "facts"> {
  /** Facts compared. */
  readonly compared: number;
  /** True when the days' digests are all equal. */
  readonly digestsEqual: boolean;
  /** What was published, and what still differs afterwards; null where nothing was to be applied. */
  readonly applied: { readonly facts: number; readonly left: number } | null;
}

const LOOK_EVERY_MS = 100;
/** A mark takes a round, and what would not fit at once the next ones. */
const MAX_ROUNDS = 20;

/** One replay: judges the past into the shadow, compares it with cold, and applies what differs when that is asked. */
export class Replay {
  readonly #options: ReplayOptions;
  readonly #request: ReplayRequest;
  readonly #run: JobRun;
  readonly #logger: Logger;
  readonly #id: string;
  #progress: JobProgress = { done: 0, total: null, unit: "events" };

  constructor(options: ReplayOptions, { request, run, id }: { readonly request: ReplayRequest; readonly run: JobRun; readonly id: string }) {
    this.#options = options;
    this.#request = request;
    this.#run = run;
    this.#id = id;
    this.#logger = options.logger.child({ component: "replay", replay: id });
  }

  /** Resolves when all is compared, and applied where that was asked. Every change goes to the findings. */
  async run(shadow: Shadow, findings: Findings): Promise<ReplayResult> {
    const { documents, log } = this.#options;
    const partitionCount = (await log.bounds(topics.points)).length;
    const scope = await ReplayScope.open(documents, this.#request, partitionCount);
    const { rules } = this.#request;
    const trial = rules === undefined ? undefined : new Trial(rules);
    const rejudge = await Rejudge.open(this.#options, { shadow, scope, signal: this.#run.signal, trial });
    try {
      await this.#rejudge(rejudge, scope, await settledPoints(this.#settling()));
      const affected: PointKey[] = [];
      const totals = { compared: 0, otherRevisions: 0, days: 0, equalDays: 0 };
      const points = await scope.count();
      this.#tell({ done: 0, total: points, unit: "points" });
      for await (const page of scope.pages()) {
        await this.#compare(page, { rejudge, shadow, scope }, async (key, changes, comparison) => {
          for (const change of changes) await findings.add(change);
          if (changes.length > 0) affected.push(key);
          totals.compared += comparison.facts;
          totals.otherRevisions += comparison.otherRevisions;
          totals.days += comparison.days;
          totals.equalDays += comparison.equalDays;
        });
      }
      const summary = findings.summary();
      const applied = this.#request.apply && trial === undefined ? await this.#apply(affected, { rejudge, shadow, scope }) : null;
      this.#logger.info("replay.done", { changes: summary.changes, ...summary.byReason, compared: totals.compared, days: totals.days, equalDays: totals.equalDays, ...(applied === null ? {} : { applied: applied.facts, left: applied.left }) });
      return { ...summary, ...rejudge.counts, ...totals, digestsEqual: totals.days === totals.equalDays, applied };
    } finally {
      await rejudge.close();
    }
  }

  async #rejudge(rejudge: Rejudge, scope: ReplayScope, ends: Ends): Promise<void> {
    const total = [...ends].reduce((sum, [partition, endOffset]) => sum + (scope.partitions.has(partition) ? endOffset : 0), 0);
    let done = 0;
    this.#tell({ done, total, unit: "events" });
    await rejudge.runTo(ends, (records) => this.#tell({ done: (done += records), total, unit: "events" }));
  }

  /** Changes of one point at a time; they are in memory together, as the facts of a point that differ should be few. */
  async #compare(
    page: readonly PointKey[], { rejudge, shadow, scope }: { rejudge: Rejudge; shadow: Shadow; scope: ReplayScope },
    told: (key: PointKey, changes: readonly Change[], comparison: Comparison) => Promise<void>,
  ): Promise<void> {
    const known = await rejudge.knownUntil(page.map(({ point }) => point));
    for (const key of page) {
      this.#run.signal.throwIfAborted();
      const knownUntilUs = known.get(key.point) ?? this.#options.clock.nowUs();
      const { fromUs, toUs } = scope;
      let changes: Change[] = [];
      const flush = async (comparison: Comparison): Promise<void> => {
        const part = changes;
        changes = [];
        await told(key, part, comparison);
      };
      const comparison = await comparePoint(key, {
        shadow: shadow.tier, cold: this.#options.cold, fromUs, toUs, knownUntilUs, trial: this.#request.rules !== undefined,
        onChange: async (change) => {
          changes.push(change);
          if (changes.length >= 1000) await flush({ facts: 0, otherRevisions: 0, days: 0, equalDays: 0 });
        },
      });
      await flush(comparison);
      this.#tell({ ...this.#progress, done: this.#progress.done + 1 });
    }
  }

  /**
   * Marks each point, waits until the marks are judged, goes on with the shadow up to them and compares again: from then on every revision up
   * to the mark is the replay's to give. Then it publishes, waits for cold, and looks again until nothing is left that it can mend.
   */
  async #apply(affected: readonly PointKey[], parts: { rejudge: Rejudge; shadow: Shadow; scope: ReplayScope }): Promise<{ facts: number; left: number }> {
    let points = [...new Map(affected.map((key) => [key.point, key])).values()];
    let facts = 0;
    let left = 0;
    const options: ApplyOptions = { log: this.#options.log, codec: this.#options.codec, id: this.#id, nowUs: this.#options.clock.nowUs() };
    if (points.length > 0) await markReplayed(points, options);
    for (let round = 0; points.length > 0 && round < MAX_ROUNDS; round++) {
      await this.#rejudge(parts.rejudge, parts.scope, await settledPoints(this.#settling()));
      const known = await parts.rejudge.knownUntil(points.map(({ point }) => point));
      const again: PointKey[] = [];
      let published = 0;
      left = 0;
      this.#tell({ done: 0, total: points.length, unit: "points", note: `round ${round + 1}` });
      let publication: Publication | undefined;
      await this.#compare(points, parts, async (key, changes, comparison) => {
        publication ??= new Publication(options, { knownUntilUs: known.get(key.point) ?? options.nowUs, withdraw: this.#request.withdraw });
        for (const change of changes) publication.add(change);
        left += changes.length;
        // The last part of a point comes with its comparison.
        if (comparison.facts === 0) return;
        await publication.publish();
        published += publication.facts;
        if (publication.facts > 0) again.push(key);
        publication = undefined;
      });
      facts += published;
      points = again;
      this.#logger.info("replay.applied", { round, facts: published, left });
      if (published > 0) await passed(topics.measurements, groups.cold, await endsOf(this.#options.log, topics.measurements), this.#settling());
    }
    return { facts, left };
  }

  #settling(): SettleOptions {
    const { log, lookEveryMs = LOOK_EVERY_MS } = this.#options;
    return { log, lookEveryMs, signal: this.#run.signal, waiting: (group, records) => this.#tell({ ...this.#progress, note: `${group}: ${records}` }) };
  }

  #tell(progress: JobProgress): void {
    this.#progress = progress;
    this.#run.progress(progress);
  }
}

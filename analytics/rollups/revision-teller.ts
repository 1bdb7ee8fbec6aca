import { formatInstant, type LiveChannel } from "@caudal/core";
import type { Logger, Metrics } from "@caudal/runtime";
import { z } from "zod";
import type { RollupWord } from "../live/rollup-news.ts";
import type { RevisedBucket } from "./revised.ts";

const ROLLUP_CHANNEL = "caudal.rollups";
/** Of one recomputing; a backfill of years changes more than anybody would read one by one. */
const MOST_WORDS = 200;

const wordSchema = z.object({ client: z.string(), point: z.string(), data: z.string() });

export interface RevisionTellerOptions {
  readonly live: LiveChannel;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Says that late or corrected facts changed rollups: in the log, in a figure, and to every process that has live clients. */
export class RevisionTeller {
  readonly #options: RevisionTellerOptions;

  constructor(options: RevisionTellerOptions) {
    this.#options = options;
  }

  /** Never rejects: the rollups are stored already, and a word that is lost costs nothing but a look. */
  async tell(revised: readonly RevisedBucket[]): Promise<void> {
    const [first] = revised;
    if (first === undefined) return;
    const { live, logger, metrics } = this.#options;
    const counter = metrics.counter("caudal_rollups_recomputed_total");
    const count = (cause: RevisedBucket["cause"]): number => revised.filter((bucket) => bucket.cause === cause).length;
    const [late, corrected] = [count("late"), count("corrected")];
    if (late > 0) counter.inc({ cause: "late" }, late);
    if (corrected > 0) counter.inc({ cause: "corrected" }, corrected);
    const { client, point } = first;
    logger.info("rollups.recomputed", { client, point, late, corrected });
    for (const word of wordsOf(revised).slice(0, MOST_WORDS)) await live.publish(ROLLUP_CHANNEL, JSON.stringify(word)).catch(() => undefined);
  }

  /** Hears what this and other processes tell. */
  follow(told: (words: readonly RollupWord[]) => void): Promise<() => Promise<void>> {
    return this.#options.live.subscribe(ROLLUP_CHANNEL, (message) => {
      const word = wordSchema.safeParse(parsed(message));
      if (word.success) told([word.data]);
    });
  }
}

/** One word a bucket, with all its variables; late facts go before corrected ones. */
function wordsOf(revised: readonly RevisedBucket[]): RollupWord[] {
  const buckets = new Map<string, { readonly bucket: RevisedBucket; readonly variables: Set<string>; late: boolean }>();
  for (const bucket of revised) {
    const id = `${bucket.level}/${bucket.fromUs}`;
    const known = buckets.get(id) ?? { bucket, variables: new Set<string>(), late: false };
    known.variables.add(bucket.variable);
    known.late ||= bucket.cause === "late";
    buckets.set(id, known);
  }
  return [...buckets.values()].map(({ bucket: { client, point, level, fromUs, toUs }, variables, late }) => ({
    client, point,
    data: JSON.stringify({ client, point, level, from: formatInstant(fromUs), to: formatInstant(toUs), variables: [...variables].sort(), cause: late ? "late" : "corrected" }),
  }));
}

function parsed(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

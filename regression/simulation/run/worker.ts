import { takeOver } from "../time/take-over.ts";

/** What a worker is asked: every `step`th run of the seed from `first` on, `runs` of them in all. */
export interface Share {
  readonly seed: string;
  readonly first: number;
  readonly step: number;
  readonly runs: number;
}

export function seedOf(seed: string, run: number): string {
  return `${seed}-${run}`;
}

const TELL_EVERY = 10;

async function work({ seed, first, step, runs }: Share, tell: (summary: unknown) => void): Promise<void> {
  takeOver();
  const { runOne } = await import("./run-one.ts");
  const { openCodec } = await import("./services.ts");
  const { addRun, emptySummary } = await import("./summary.ts");
  const codec = await openCodec();
  let summary = emptySummary();
  for (let run = first; run < runs; run += step) {
    const before = process.cpuUsage();
    const result = await runOne({ seed: seedOf(seed, run), codec });
    const { user, system } = process.cpuUsage(before);
    addRun(summary, result, (user + system) / 1000);
    if (summary.runs < TELL_EVERY && result.failures.length === 0 && run + step < runs) continue;
    tell(summary);
    summary = emptySummary();
  }
}

if (process.send !== undefined && import.meta.main) {
  // Whoever asked is gone, and nobody would hear the rest; after the work this ends an idle process.
  process.once("disconnect", () => process.exit(0));
  process.once("message", (share: Share) => {
    work(share, (summary) => process.send?.(summary)).then(() => process.disconnect(), (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exit(70);
    });
  });
}

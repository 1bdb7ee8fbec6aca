import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSeededFaults, type FaultArrival, type FaultPoints, type FaultsAsked } from "@caudal/runtime";

/** What a process says of its points when it ends, in `fault-points.json` of its data folder. */
export interface FaultReport extends FaultsAsked {
  readonly pid: number;
  /** Where it ended itself; null when it stopped otherwise. */
  readonly killed: FaultArrival | null;
  /** Arrivals of each point. */
  readonly reached: Readonly<Record<string, number>>;
}

export const FAULT_REPORT = "fault-points.json";

/** Faults that end this process as kill -9 does: nothing is drained, no handler runs. */
export function processFaults(asked: FaultsAsked, dataDirectory: string): FaultPoints & { report(): void } {
  const report = (killed: FaultArrival | null): void => {
    const text: FaultReport = { ...asked, pid: process.pid, killed, reached: Object.fromEntries(faults.reached()) };
    writeFileSync(join(dataDirectory, FAULT_REPORT), `${JSON.stringify(text)}\n`);
  };
  const faults = createSeededFaults(asked.seed, {
    ...asked,
    kill: (at) => {
      report(at);
      process.kill(process.pid, "SIGKILL");
    },
  });
  return { reach: faults.reach, report: () => report(null) };
}

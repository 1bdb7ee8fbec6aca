import type { Clock, Component, JobRun, Jobs, Logger, Metrics, Operation } from "@caudal/runtime";
import type { TierWork } from "../tiers/tier-work.ts";
import { Damages } from "./damages.ts";
import { scrubOperations } from "./operations.ts";
import { repairDamages, type RepairReport, type RepairRequest } from "./repair.ts";
import { createScrubber, type Scrubber } from "./scrubber.ts";
import type { ScrubPorts } from "./walks.ts";

export interface ScrubOptions {
  readonly ports: ScrubPorts;
  readonly tierWork: TierWork;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly everyMs: number;
  readonly bytesPerS: number;
}

export interface Scrub extends Component {
  readonly scrubber: Scrubber;
  repair(request: RepairRequest, run: JobRun): Promise<RepairReport>;
  operations(base: string, jobs: Jobs): readonly Operation[];
}

/** The background check of everything that is stored, and the mending of what it finds. */
export function createScrub(options: ScrubOptions): Scrub {
  const { ports, tierWork, logger } = options;
  const scrubber = createScrubber(options);
  const repair: Scrub["repair"] = async (request, run) => repairDamages({ ports, tierWork, logger, damages: await Damages.open(ports.documents) }, request, run);
  return {
    name: "scrub", scrubber, repair,
    start: () => scrubber.start(),
    stop: (deadlineMs) => scrubber.stop(deadlineMs),
    operations: (base, jobs) => scrubOperations({ base, scrubber, jobs, repair }),
  };
}

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ports } from "../../caudal/composition/ports.ts";
import { portsOf } from "../../caudal/test-parts/ports-of.ts";
import type { AuditVerdict } from "../integrity/auditor/verdict.ts";
import { auditInstallation } from "../integrity/evidence/audit-installation.ts";
import type { ScenarioResult } from "./report.ts";
import type { Scenario } from "./scenario.ts";
import { openTheatre, type OpenTheatre } from "./theatre.ts";
import { tryScenario } from "./trial.ts";

export interface TortureRun {
  readonly scenarios: readonly Scenario[];
  readonly seed: string;
  readonly ratePerS: number;
  readonly scale: number;
  readonly nodes: 1 | 3;
  /** Where what the services had printed is put when a scenario fails. */
  readonly logs: string | undefined;
  readonly onStep: (text: string) => void;
  readonly onResult: (result: ScenarioResult) => void;
}

/** Tries the scenarios one after the other on one installation, which keeps what each has left behind. */
export async function torture({ scenarios, seed, ratePerS, scale, nodes, logs, onStep, onResult }: TortureRun): Promise<readonly ScenarioResult[]> {
  const theatre = await openTheatre({ nodes, onStep });
  try {
    const results: ScenarioResult[] = [];
    for (const scenario of scenarios) {
      onStep(scenario.name);
      const tried = await tryScenario(theatre, scenario, { folder: join(theatre.folder, "truth"), seed, ratePerS, scale, withPorts: (work) => withPorts(theatre, work), audit: (truth) => audit(theatre, truth) });
      const failed = tried.findings.length > 0 || theatre.fleet.members.some(({ process }) => process?.endedByItself() !== undefined);
      if (logs !== undefined && failed) keepOutputs(theatre, join(logs, scenario.name));
      const result = { ...tried, findings: [...tried.findings, ...(await theatre.fleet.startAgainWhatEnded())] };
      results.push(result);
      onResult(result);
    }
    return results;
  } finally {
    await theatre.close();
  }
}

function keepOutputs({ fleet }: OpenTheatre, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, output] of fleet.outputs()) writeFileSync(join(folder, `${name}.log`), output);
}

async function withPorts({ env, folder }: OpenTheatre, work: (ports: Pick<Ports, "log" | "documents">) => Promise<void>): Promise<void> {
  const ports = await portsOf(join(folder, "operator"), env);
  try {
    await work(ports);
  } finally {
    await ports.close();
  }
}

function audit({ env, folder }: OpenTheatre, truthDirectory: string): Promise<AuditVerdict> {
  return auditInstallation({ truthDirectory, dataDirectory: join(folder, "auditor"), env });
}

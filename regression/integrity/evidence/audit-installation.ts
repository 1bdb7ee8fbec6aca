import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TierName } from "@caudal/core";
import { silentLogger } from "@caudal/runtime";
import { parseAllSettings } from "../../../caudal/composition/all-settings.ts";
import { openPorts } from "../../../caudal/composition/open-ports.ts";
import { portNames, type OpenPorts, type PortName } from "../../../caudal/composition/ports.ts";
import { audit, type AuditOptions } from "../auditor/audit.ts";
import type { PointRef } from "../auditor/evidence.ts";
import type { AuditVerdict } from "../auditor/verdict.ts";
import { embeddedPoints } from "./embedded-points.ts";
import { httpEvidence } from "./http-evidence.ts";
import { liveEvidence, type LiveRecording } from "./live-recording.ts";
import { portsEvidence } from "./ports-evidence.ts";

export interface AuditInstallationOptions extends Omit<AuditOptions, "evidence"> {
  /** Data folder of a stopped installation; with engines a folder for what their clients keep. */
  readonly dataDirectory?: string;
  /** The installation's settings, as its processes had them: `CAUDAL_LOG`, `CAUDAL_WARM` … */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What `recordLive` saw. */
  readonly live?: LiveRecording;
  /** Address of a running installation: then its history and parked list are asked, and no store. */
  readonly http?: string;
}

/**
 * Audits an installation: a stopped one by its data folder, one on engines by its settings, a running one by its address. It must have drained:
 * what is still under way looks lost. Rejects with "in-use" while a process has the folder.
 */
export async function auditInstallation(options: AuditInstallationOptions): Promise<AuditVerdict> {
  const { dataDirectory, env = {}, live, http, ...rest } = options;
  const recorded = live === undefined ? {} : { live: liveEvidence(live) };
  if (http !== undefined) return audit({ ...rest, evidence: httpEvidence(http, recorded) });
  if (dataDirectory === undefined) throw new RangeError("give dataDirectory or http");
  const { choices, installation } = parseAllSettings({ env });
  // Opening would make an empty installation, in which everything looks lost.
  if (choices.log.kind === "embedded" && !existsSync(join(dataDirectory, "log"))) throw new Error(`there is no installation in ${dataDirectory}`);
  const own = new Map<TierName, readonly PointRef[]>();
  for (const tier of ["hot", "warm", "cold"] as const) if (choices[tier].kind === "embedded") own.set(tier, embeddedPoints(dataDirectory, tier));
  const ports: OpenPorts<PortName> = await openPorts(portNames, { dataDirectory, choices, settings: installation, logger: silentLogger });
  try {
    return await audit({ ...rest, evidence: await portsEvidence(ports, { ...recorded, ...(own.size === 3 ? { pointsIn: (tier) => own.get(tier) ?? [] } : {}) }) });
  } finally {
    await ports.close();
  }
}

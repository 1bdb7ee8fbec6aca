import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { runSimulation } from "@caudal/simulator";
import type { AuditVerdict } from "../integrity/auditor/verdict.ts";
import { auditInstallation } from "../integrity/evidence/audit-installation.ts";
import { runService } from "../integrity/kill-runs/service-process.ts";
import { askedInTurn } from "./people.ts";
import { processFigures } from "./process-figures.ts";
import type { Look } from "./slope.ts";

export interface SoakOptions {
  readonly minutes: number;
  readonly devices: number;
  readonly readingsPerHour: number;
  readonly seed: string;
  readonly onLook: (look: SoakLook) => void;
}

/** One look at the process under load. */
export interface SoakLook {
  readonly atS: number;
  readonly residentMb: number;
  readonly handles: number;
  /** Records behind, the group that is most. */
  readonly lag: number;
  readonly sent: number;
  readonly unknown: number;
}

export interface SoakResult {
  readonly looks: readonly SoakLook[];
  readonly sent: number;
  readonly acknowledged: number;
  readonly asked: number;
  readonly notAnswered: number;
  readonly verdict: AuditVerdict;
}

const CLIENT = "soak";
const LOOK_EVERY_MS = 10_000;
const DRAINED_WITHIN_MS = 60_000;
const BYTES_PER_MB = 1024 * 1024;

/** `caudal up` on the embedded engine in a process of its own, with devices sending at their own pace and people asking, for so long; then all of it is audited. */
export async function soak({ minutes, devices, readingsPerHour, seed, onLook }: SoakOptions): Promise<SoakResult> {
  const folder = mkdtempSync(join(tmpdir(), "caudal-soak-"));
  const dataDirectory = join(folder, "data");
  const truthDirectory = join(folder, "truth");
  const service = runService(["up", "--data", dataDirectory, "--no-demo", "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0"], {});
  try {
    if (!(await service.ready)) throw new Error(`caudal up ended:\n${service.output()}`);
    const { http, mqtt } = JSON.parse(readFileSync(join(dataDirectory, "running.json"), "utf8")) as { http: string; mqtt: string };
    const forMs = minutes * 60_000;
    const simulation = runSimulation({
      fleet: { seed, devices, intervalS: Math.round((devices * 3600) / readingsPerHour), startUs: Math.floor(Date.now() / 1000) * 1e6, client: CLIENT },
      destinations: [{ over: "mqtt", url: mqtt }, { over: "http", url: http }], truthDir: truthDirectory, forMs,
    });
    const people = askedInTurn(http);
    const looks: SoakLook[] = [];
    const beganMs = performance.now();
    let over = false;
    const ended = simulation.done.finally(() => (over = true));
    while (!over) {
      await Promise.race([wait(LOOK_EVERY_MS), ended]);
      const { residentBytes, handles } = processFigures(service.pid);
      const { sent, unknown } = simulation.counters();
      const look = { atS: (performance.now() - beganMs) / 1000, residentMb: residentBytes / BYTES_PER_MB, handles, lag: (await highestLag(http)) ?? 0, sent, unknown };
      looks.push(look);
      onLook(look);
    }
    const { sent, acknowledged } = await ended;
    const { asked, notAnswered } = await people.end();
    for (const untilMs = performance.now() + DRAINED_WITHIN_MS; (await highestLag(http)) !== 0; await wait(100)) {
      if (performance.now() > untilMs) throw new Error("the groups did not drain");
    }
    await service.stop();
    return { looks, sent, acknowledged, asked, notAnswered, verdict: await auditInstallation({ truthDirectory, dataDirectory }) };
  } finally {
    await service.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The looks of one figure after a warm-up, which is when caches fill. */
export function figureOf(looks: readonly SoakLook[], figure: "residentMb" | "handles" | "lag", warmUpS: number): readonly Look[] {
  return looks.filter(({ atS }) => atS >= warmUpS).map((look) => ({ atS: look.atS, value: look[figure] }));
}

async function highestLag(http: string): Promise<number | undefined> {
  const response = await fetch(new URL("/api/v1/status", http)).catch(() => undefined);
  if (response?.ok !== true) return undefined;
  const { lag } = (await response.json()) as { lag: Readonly<Record<string, number>> };
  return Math.max(0, ...Object.entries(lag).filter(([group]) => !group.includes("archive")).map(([, behind]) => behind));
}

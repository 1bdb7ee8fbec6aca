import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runSimulation, type Destination } from "../../../simulator/index.ts";
import { silentLogger } from "@caudal/runtime";
import { parseAllSettings } from "../../../caudal/composition/all-settings.ts";
import { openPorts } from "../../../caudal/composition/open-ports.ts";
import { startUp } from "../../../caudal/test-parts/started.ts";
import { until } from "../../../caudal/test-parts/until.ts";
import type { OpenPorts, PortName } from "../../../caudal/composition/ports.ts";
import type { AuditVerdict } from "../auditor/verdict.ts";
import { auditInstallation, type AuditInstallationOptions } from "./audit-installation.ts";
import type { LiveRecording } from "./live-recording.ts";
import { recordLive } from "./live-recorder.ts";

const DAY_US = 86_400_000_000;
const HOUR_US = 3_600_000_000;
const CLIENT = "audited";

export interface StageOptions {
  readonly seed: string;
  readonly devices: number;
  readonly days: number;
  readonly intervalS: number;
  /** Asked while the installation still runs and has drained. */
  readonly whileRunning?: (http: string, truthDirectory: string) => Promise<void>;
}

/** An installation that took a fleet in by every way, drained and stopped: its data, the fleet's truth, and what the live stream showed. */
export interface Staged {
  readonly folder: string;
  readonly truth: string;
  readonly data: string;
  readonly live: LiveRecording;
  audit(options?: Partial<AuditInstallationOptions>): Promise<AuditVerdict>;
  /** A copy whose stores a test may spoil. */
  copy(): Promise<Staged>;
  ports<const P extends PortName, T>(names: readonly P[], work: (ports: OpenPorts<P>) => Promise<T>): Promise<T>;
  remove(): Promise<void>;
}

export async function stage({ seed, devices, days, intervalS, whileRunning }: StageOptions): Promise<Staged> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-audited-"));
  const [data, truth, drop] = [join(folder, "data"), join(folder, "truth"), join(folder, "drop")];
  const started = await startUp(["--data", data, "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0", "--no-demo", "--drop", drop, "--json"], {
    env: {
      CAUDAL_ARCHIVE_SEGMENT_AGE: "200ms", CAUDAL_ROLLUP_DELAY: "100ms", CAUDAL_ROLLUP_EVERY: "100ms", CAUDAL_DROP_SETTLE: "20ms", CAUDAL_DROP_POLL: "50ms", CAUDAL_DROP_CLIENT: CLIENT,
    },
  });
  try {
    const { page: http, mqtt } = addressesOf(started.out());
    const recorder = recordLive(http, { file: join(folder, "live.ndjson") });
    await recorder.connected;
    const endUs = Math.floor(Date.now() / 1000) * 1_000_000 - 2 * HOUR_US;
    const destinations: Destination[] = [{ over: "mqtt", url: mqtt }, { over: "http", url: http }, { over: "drop", folder: drop }];
    await runSimulation({ fleet: { seed, devices, intervalS, client: CLIENT, startUs: endUs - days * DAY_US, endUs }, destinations, truthDir: truth }).done;
    await until("every group has caught up and nothing waits to be computed", () => hasDrained(http));
    await recorder.caughtUp();
    await whileRunning?.(http, truth);
    return staged(folder, await recorder.stop());
  } finally {
    await started.stop();
  }
}

function addressesOf(report: string): { page: string; mqtt: string } {
  const page = /http:\/\/127\.0\.0\.1:\d+\//.exec(report)?.[0];
  const mqtt = /mqtt:\/\/127\.0\.0\.1:\d+/.exec(report)?.[0];
  if (page === undefined || mqtt === undefined) throw new Error(`no addresses in ${report}`);
  return { page, mqtt };
}

async function hasDrained(http: string): Promise<true | undefined> {
  const { lag } = (await (await fetch(new URL("/api/v1/status", http))).json()) as { lag: Record<string, number> };
  if (Object.values(lag).some((records) => records > 0)) return undefined;
  const metrics = await (await fetch(new URL("/metrics", http))).text();
  return /^caudal_rollup_marks 0$/m.test(metrics) ? true : undefined;
}

function staged(folder: string, live: LiveRecording): Staged {
  const [data, truth] = [join(folder, "data"), join(folder, "truth")];
  return {
    folder, truth, data, live,
    audit: (options = {}) => auditInstallation({ truthDirectory: truth, dataDirectory: data, live, ...options }),
    async copy() {
      const into = await mkdtemp(join(tmpdir(), "caudal-audited-"));
      await cp(folder, into, { recursive: true });
      return staged(into, { ...live, file: join(into, "live.ndjson") });
    },
    async ports(names, work) {
      const { choices, installation } = parseAllSettings({ env: {} });
      const ports = await openPorts(names, { dataDirectory: data, choices, settings: installation, logger: silentLogger });
      try {
        return await work(ports);
      } finally {
        await ports.close();
      }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

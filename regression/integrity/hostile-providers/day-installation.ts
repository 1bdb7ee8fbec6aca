import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { createAuthenticate, createHealth, createHttpServer, createLifecycle, silentLogger } from "@caudal/runtime";
import { engineEnvironment, type InstallationUrls } from "../../../bench/promise/engine-environment.ts";
import { parseAllSettings } from "../../../caudal/composition/all-settings.ts";
import { openFoundation } from "../../../caudal/composition/foundation.ts";
import { portNames } from "../../../caudal/composition/ports.ts";
import { makeAnalytics, makeArchiver, makeBusiness, makeProcessor } from "../../../caudal/composition/services.ts";
import { lagOfGroups } from "../../../caudal/status/installation-status.ts";
import { until } from "../../../caudal/test-parts/until.ts";
import type { PollingStores } from "../../../collector/test-parts/polling-scene.ts";
import type { AuditVerdict } from "../auditor/verdict.ts";
import { auditInstallation } from "../evidence/audit-installation.ts";
import { recordLive } from "../evidence/live-recorder.ts";
import type { LiveRecording } from "../evidence/live-recording.ts";
import { removeInstallation } from "../installation-removal.ts";

/** Every service but the collector, from the log to the tiers, on engines of an installation. */
export interface DayInstallation {
  /** What a collector publishes to. */
  readonly stores: PollingStores;
  /** Resolves when all that stands in the log is everywhere. */
  drained(): Promise<void>;
  /** Stops it and audits it. */
  audit(truthDirectory: string, verdictsFile?: string): Promise<AuditVerdict>;
  /** Stops it where nobody has, and removes what it kept on servers. */
  close(): Promise<void>;
}

export interface DayInstallationOptions {
  readonly folder: string;
  /** Servers to run on; the embedded engine when absent. */
  readonly urls?: InstallationUrls;
}

/** The simulated day lies in the past by any clock, and all tiers are to hold it whole. */
const settings = {
  CAUDAL_HOT_DAYS: "3650", CAUDAL_WARM_DAYS: "3650", CAUDAL_PARTITIONS: "2", CAUDAL_ARCHIVE_SEGMENT_AGE: "1s", CAUDAL_ROLLUP_DELAY: "500ms", CAUDAL_ROLLUP_EVERY: "500ms", CAUDAL_HTTP: "127.0.0.1:0",
} as const;
const DRAINED_MS = 60_000;
const STOP_MS = 10_000;
const LOOPBACK = "127.0.0.1";

/** Starts the services in this process, as `caudal up` does, with a listener at the live stream. */
export async function openDayInstallation({ folder, urls }: DayInstallationOptions): Promise<DayInstallation> {
  const name = `hostile_${randomBytes(4).toString("hex")}`;
  const env = { ...(urls === undefined ? {} : engineEnvironment(urls, name)), ...settings };
  const data = join(folder, "data");
  const foundation = await openFoundation(portNames, { dataDirectory: data, settings: parseAllSettings({ env }), logger: silentLogger });
  const { ports, codec, metrics, tokens } = foundation;
  const processor = makeProcessor(foundation);
  const archiver = makeArchiver(foundation);
  const analytics = makeAnalytics(foundation);
  const business = await makeBusiness(foundation, () => Promise.reject(new Error("nothing is decoded again here")));
  const http = createHttpServer({
    host: LOOPBACK, port: 0, operations: analytics.operations, upgrades: analytics.upgrades, authenticate: createAuthenticate({ lookup: tokens.lookup, tokensRequired: false }),
    health: createHealth(), metrics, logger: silentLogger,
  });
  const lifecycle = createLifecycle(silentLogger);
  for (const component of [processor, archiver, analytics, business, http]) lifecycle.add(component);
  await lifecycle.start().catch(async (error: unknown) => {
    await foundation.close();
    throw error;
  });
  const recorder = recordLive(`http://${LOOPBACK}:${http.address().port}/`, { file: join(folder, "live.ndjson") });
  await recorder.connected;
  let stopped: Promise<LiveRecording> | undefined;

  async function stop(): Promise<LiveRecording> {
    const live = await recorder.stop();
    const { exceeded, failed } = await lifecycle.stop(STOP_MS);
    await foundation.close();
    if (exceeded.length + failed.length > 0) throw new Error(`not stopped as asked: ${JSON.stringify({ exceeded, failed })}`);
    return live;
  }

  return {
    stores: { log: ports.log, documents: ports.documents, codec },
    async drained() {
      await until("everything is everywhere", async () => {
        if (Object.values(await lagOfGroups(ports.log)).some((records) => records > 0)) return undefined;
        return analytics.status().marks === 0 ? true : undefined;
      }, DRAINED_MS);
      await recorder.caughtUp();
    },
    async audit(truthDirectory, verdictsFile) {
      const live = await (stopped ??= stop());
      // It listened before the first reading came, and the day lies before the recorder's clock.
      const whole = live.resets === 0 ? { ...live, completeFromUs: -Infinity } : live;
      return auditInstallation({ truthDirectory, dataDirectory: data, env, live: whole, ...(verdictsFile === undefined ? {} : { verdictsFile }) });
    },
    async close() {
      await (stopped ??= stop()).catch(() => undefined);
      if (urls !== undefined) await removeInstallation(urls, name);
    },
  };
}

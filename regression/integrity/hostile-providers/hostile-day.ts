import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sleep } from "@caudal/runtime";
import { openSandbox, providersFileText, providerIds, type ProviderId, type Sandbox } from "../../../sandbox/index.ts";
import type { Account } from "../../../collector/providers/account.ts";
import { parseProviders } from "../../../collector/providers/file/read-providers-file.ts";
import { providers } from "../../../collector/providers/providers.ts";
import { openPollingScene, pollersOf } from "../../../collector/test-parts/polling-scene.ts";
import type { InstallationUrls } from "../../../bench/promise/engine-environment.ts";
import type { AuditVerdict } from "../auditor/verdict.ts";
import { openDayInstallation } from "./day-installation.ts";
import { writeDayTruth } from "./day-truth.ts";
import { countingLog, HeldHours, IDLE_STEP_MS } from "./held-hours.ts";
import { hostility } from "./hostility.ts";
import { GivenValues, judge, type Judged } from "./judge.ts";
import { OddBodies } from "./odd-bodies.ts";

export interface HostileDayOptions {
  readonly seed: string;
  /** Of simulated time under all quirks. */
  readonly hours: number;
  readonly devices: Partial<Record<ProviderId, number>>;
  readonly everyMs: number;
  /** Servers to run on; the embedded engine when absent. */
  readonly urls?: InstallationUrls;
  /** A line for each reading: what became of it. */
  readonly verdictsFile?: string;
  /** Told now and then. */
  readonly progress?: (done: string) => void;
}

export interface HostileDay extends Judged {
  readonly requests: number;
  readonly exceeded: number;
  /** Requests by the quirks that were shown in them. */
  readonly quirks: Readonly<Record<string, number>>;
  readonly failures: Readonly<Record<string, number>>;
  /** Of the whole way: log, archive, tiers, rollups, parked events, live stream. */
  readonly audit: AuditVerdict;
  readonly realMs: number;
}

/** 2026-03-01T12:00:00Z. */
const START_US = 1_772_366_400_000_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** After the quirks of requests are over: an open breaker closes, a misconfigured device is asked again, and an overlap has read all. */
const CALM_HOURS = 4;
/** Rows of this long before the start are to be there too: a new device begins at the overlap's window. */
const BEFORE_HOURS = 18;
/** Between one collector's end and the next one's start. */
const AWAY_MINUTES = 25;
const LOOK_MS = 1000;
const CLIENT = "acme";

/**
 * A collector's polling through hours of a hostile sandbox, with a clock that is held, while every other service carries what it publishes to the
 * tiers. What the log holds then, and what the auditor says of the whole way.
 */
export async function hostileDay({ seed, hours, devices, everyMs, urls, verdictsFile, progress = () => undefined }: HostileDayOptions): Promise<HostileDay> {
  const startedMs = performance.now();
  const folder = await mkdtemp(join(tmpdir(), "caudal-hostile-"));
  const installation = await openDayInstallation({ folder, ...(urls === undefined ? {} : { urls }) });
  const counting = countingLog(installation.stores.log);
  const scene = await openPollingScene(START_US, { stores: { ...installation.stores, log: counting.log } });
  let closed: Promise<void> | undefined;
  // Before the installation stops: presence is told as it closes.
  const closeScene = (): Promise<void> => (closed ??= scene.close());
  const given = new GivenValues();
  const quirks = new Map<string, number>();
  const bodies: OddBodies = new OddBodies(() => sandbox);
  const sandbox = await openSandbox({ seed, devices, everyMs: [everyMs], days: 4, quirks: hostility, hangMs: 30, dripMs: 20, nowMs: () => scene.clock.nowUs() / 1000, logKept: { entries: 10, rows: 10_000 }, answered: (body) => bodies.take(body) });
  try {
    sandbox.log.listen(given.listener());
    sandbox.log.listen(bodies.listener());
    sandbox.log.listen((entry) => entry.quirks.forEach((name) => quirks.set(name, (quirks.get(name) ?? 0) + 1)));
    const accounts = await accountsOf(sandbox);
    const held = new HeldHours(scene, () => sandbox.inHand() + counting.inHand());
    // A poller's look at its schedule each second is made by the held hours, only when there is something to see: a day has a million of them.
    const sleep: Sleep = (ms, signal) => scene.clock.sleep(ms === LOOK_MS ? IDLE_STEP_MS : ms, signal);
    let polling = await scene.polling(accounts, { sleep });
    for (let hour = 1; hour <= hours; hour += 1) {
      if (hour === Math.ceil(hours / 2)) {
        // Another process goes on, without what this one remembers.
        await polling.stop(1000);
        bodies.interrupted(scene.clock.nowUs() / 1000 - MINUTE_MS);
        await scene.clock.advance(AWAY_MINUTES * MINUTE_MS);
        polling = await scene.polling(accounts, { holder: "two", sleep });
      }
      await held.pass(polling, START_US + hour * HOUR_MS * 1000);
      progress(`${hour} h, ${sandbox.log.counts().requests} requests`);
    }
    sandbox.quirks.clear();
    const asOfMs = scene.clock.nowUs() / 1000;
    await held.pass(polling, START_US + (hours + CALM_HOURS) * HOUR_MS * 1000);
    await held.quiet(polling);
    const due = { fromMs: START_US / 1000 - BEFORE_HOURS * HOUR_MS, toMs: asOfMs, asOfMs };
    const readings = await scene.readings();
    const judged = judge({ sandbox, accounts, readings, given, ...due });
    const truth = join(folder, "truth");
    await writeDayTruth(truth, { sandbox, seed, client: CLIENT, bodies: bodies.all(), readings, ...due });
    const failures: Record<string, number> = {};
    // What the last collector counted, with what it took over.
    for (const poller of pollersOf(polling)) for (const [kind, count] of Object.entries(poller.tools().score.lastDay().outcomes)) failures[kind] = (failures[kind] ?? 0) + count;
    const { requests, exceeded } = sandbox.log.counts();
    await closeScene();
    await installation.drained();
    const audit = await installation.audit(truth, verdictsFile);
    return { ...judged, audit, requests, exceeded, quirks: Object.fromEntries([...quirks].sort()), failures, realMs: performance.now() - startedMs };
  } finally {
    await closeScene();
    await sandbox.close();
    await installation.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** So many devices of every provider. */
export function ofEach(count: number): Partial<Record<ProviderId, number>> {
  return Object.fromEntries(providerIds.map((id) => [id, count]));
}

async function accountsOf(sandbox: Sandbox): Promise<readonly Account[]> {
  const secrets = new Map<string, string>(sandbox.accounts().flatMap(({ id, secrets: own, devices }) => [
    ...Object.entries(own).map(([name, secret]) => [`${id}.${name}`, secret] as const),
    ...devices.flatMap(({ device, secrets: each }) => Object.entries(each).map(([name, secret]) => [`${device}.${name}`, secret] as const)),
  ]));
  const text = providersFileText(sandbox.accounts(), (file) => `file:/secrets/${file}`, { client: CLIENT, concurrency: 8 });
  const { accounts, problems } = await parseProviders(text, "sandbox.yaml", { providers, resolveSecret: async (reference) => secrets.get(reference.slice("file:/secrets/".length)) });
  if (problems.length > 0) throw new Error(`accounts were left out: ${JSON.stringify(problems)}`);
  return accounts;
}

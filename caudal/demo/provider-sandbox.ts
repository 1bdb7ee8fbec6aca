import { rm } from "node:fs/promises";
import { join } from "node:path";
import { providers, readProvidersFile, type Account, type Collector } from "@caudal/collector";
import type { Logger } from "@caudal/runtime";
import { secretOf } from "../composition/secret-references.ts";
import { DEMO_CLIENT, demoDirectory } from "./demo-note.ts";

/** Providers in this process, and the collector that asks them. */
export interface ProviderSandbox {
  /** Its page. */
  readonly url: string;
  readonly providers: number;
  readonly devices: number;
  /** The collector asks no more, then the sandbox closes. */
  close(deadlineMs: number): Promise<void>;
}

export interface ProviderSandboxOptions {
  readonly dataDirectory: string;
  readonly collector: Pick<Collector, "poll">;
  readonly logger: Logger;
}

/** Always the same, so that a restart goes on with the same meters. */
const SEED = "demo";
/** A household, a well and a channel of each. */
const DEVICES_EACH = 3;
const EVERY_MS = [60_000, 300_000];
const HISTORY_MS = 6 * 3_600_000;
const HOUR_MS = 3_600_000;
/** What a machine that slept makes up for at most. */
const DAYS = 1;
/** Troubles of the wire alone: what is given stays true. */
const QUIRKS = { all: { "http-500": 0.01, "text-numbers": 0.05, "out-of-order": 0.02 } };
const LOG_KEPT = { entries: 500, rows: 5000 };

const folderOf = (dataDirectory: string): string => join(demoDirectory(dataDirectory), "providers");

/**
 * Plays every provider on a free port of this machine and has the collector ask them, by a configuration in the data folder like anybody's.
 * Rejects when no port or file can be had.
 */
export async function startProviderSandbox({ dataDirectory, collector, logger }: ProviderSandboxOptions): Promise<ProviderSandbox> {
  // Not before it plays: the start does not wait for it.
  const { openSandbox, providerIds, writeProvidersFile } = await import("@caudal/sandbox");
  const devices = Object.fromEntries(providerIds.map((id) => [id, DEVICES_EACH]));
  const sandbox = await openSandbox({ seed: SEED, devices, everyMs: EVERY_MS, days: DAYS, quirks: QUIRKS, logKept: LOG_KEPT });
  try {
    const { path } = await writeProvidersFile(sandbox, join(folderOf(dataDirectory), "providers.yaml"), { client: DEMO_CLIENT, prefix: "demo" });
    const { accounts } = await readProvidersFile(path, { providers, resolveSecret: (reference) => secretOf(reference, () => ({})) });
    const leave = collector.poll(accounts.map(asDemo));
    const counts = { providers: accounts.length, devices: accounts.reduce((sum, account) => sum + account.devices.length, 0) };
    logger.info("demo.sandbox-opened", { url: sandbox.url, ...counts });
    return {
      url: `${sandbox.url}/`, ...counts,
      close: async (deadlineMs) => {
        try {
          await leave(deadlineMs);
        } finally {
          await sandbox.close();
        }
      },
    };
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}

function asDemo(account: Account): Account {
  return {
    ...account, overlapEveryMs: HOUR_MS, overlapMs: HISTORY_MS,
    labels: { source: `Caudal sandbox: ${account.provider.title}`, credit: "Made up, measured by nobody", licence: "MIT" },
  };
}

/** Removes its configuration from the data folder. */
export async function forgetProviderSandbox(dataDirectory: string): Promise<void> {
  await rm(folderOf(dataDirectory), { recursive: true, force: true });
}

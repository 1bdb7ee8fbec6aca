import type { ErasureWork } from "@caudal/archiver";
import { clearFleetState } from "@caudal/fleet";
import type { Demo } from "./demo.ts";
import { DEMO_CLIENT, demoDirectory, noteDemoCleared } from "./demo-note.ts";
import { forgetProviderSandbox } from "./provider-sandbox.ts";

export interface ClearingOptions {
  readonly dataDirectory: string;
  /** What plays, where anything does. */
  readonly demo: Demo | undefined;
  readonly erasure: ErasureWork;
  /** Tells what the edge still has to say of devices. */
  readonly flushPresence: () => Promise<void>;
  /** Rollups, and what analytics keeps in memory. */
  readonly eraseRollups: (client: string) => Promise<unknown>;
}

const STOP_MS = 10_000;

/** Clears the demo out of running services, once at a time: stops what plays, then erases its client as any other, which may come back at once. */
export function createClearing({ dataDirectory, demo, erasure, flushPresence, eraseRollups }: ClearingOptions): () => Promise<{ readonly points: number }> {
  let clearing: Promise<{ readonly points: number }> | undefined;

  async function clear(): Promise<{ readonly points: number }> {
    noteDemoCleared(dataDirectory);
    await demo?.stop(STOP_MS);
    await flushPresence();
    const { points } = await erasure.erase(DEMO_CLIENT, "demo clear", { signal: new AbortController().signal, progress: () => undefined }, true);
    await eraseRollups(DEMO_CLIENT);
    await clearFleetState(demoDirectory(dataDirectory));
    await forgetProviderSandbox(dataDirectory);
    return { points };
  }

  return () => (clearing ??= clear().finally(() => (clearing = undefined)));
}

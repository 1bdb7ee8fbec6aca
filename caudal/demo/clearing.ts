import type { Component } from "@caudal/runtime";
import { clearDemo, type ClearDemoOptions } from "./clear.ts";
import type { Demo } from "./demo.ts";
import { DEMO_CLIENT, noteDemoCleared } from "./demo-note.ts";
import { settled, type SettledOptions } from "./settled.ts";

export interface ClearingOptions extends ClearDemoOptions, SettledOptions {
  /** The fleet that plays, where one does. */
  readonly demo: Demo | undefined;
  /** Keeps states of devices and points in memory and writes them back, so it rests meanwhile. */
  readonly processor: Component;
  /** Tells what the edge still has to say of devices. */
  readonly flushPresence: () => Promise<void>;
  /** Rollups, and what analytics keeps in memory. */
  readonly eraseRollups: (client: string) => Promise<unknown>;
  /** True once the process stops: nothing is started any more. */
  readonly stopping: () => boolean;
}

const STOP_MS = 10_000;

/** Clears the demo out of running services, once at a time: stops the fleet, lets what it sent run through, then removes all of it. Other clients' readings wait in the log meanwhile. */
export function createClearing(options: ClearingOptions): () => Promise<{ readonly points: number }> {
  const { dataDirectory, demo, processor, flushPresence, eraseRollups, stopping } = options;
  let clearing: Promise<{ readonly points: number }> | undefined;

  async function clear(): Promise<{ readonly points: number }> {
    noteDemoCleared(dataDirectory);
    await demo?.stop(STOP_MS);
    await flushPresence();
    await settled(options);
    await processor.stop(STOP_MS);
    try {
      await eraseRollups(DEMO_CLIENT);
      return await clearDemo(options);
    } finally {
      if (!stopping()) await processor.start();
    }
  }

  return () => (clearing ??= clear().finally(() => (clearing = undefined)));
}

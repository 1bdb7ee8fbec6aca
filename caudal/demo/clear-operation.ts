import { groups, topics, type EventLog } from "@caudal/core";
import { defineOperation, type Operation } from "@caudal/runtime";
import { z } from "zod";
import { clearDemo, type ClearDemoOptions } from "./clear.ts";
import type { Demo } from "./demo.ts";
import { noteDemoCleared } from "./demo-note.ts";

const DRAIN_MS = 20_000;
const LOOK_EVERY_MS = 50;

/** Groups that could still write what is being cleared. */
const writers = [
  [topics.readings, groups.mapping], [topics.points, groups.judging], [topics.measurements, groups.hot], [topics.measurements, groups.warm],
  [topics.measurements, groups.cold], [topics.devices, groups.devices], [topics.parked, groups.parked],
] as const;

async function drained(log: EventLog): Promise<void> {
  const deadlineMs = performance.now() + DRAIN_MS;
  while (performance.now() < deadlineMs) {
    const lags = await Promise.all(writers.map(([topic, group]) => log.lag(topic, group)));
    if (lags.flat().every(({ lag }) => lag === 0)) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Stops the fleet, lets what it sent run through, then removes all of it. */
export function clearDemoOperation(options: Omit<ClearDemoOptions, "fleet"> & { readonly log: EventLog; readonly demo: Demo; readonly flushArchive: () => Promise<void> }): Operation {
  return defineOperation({
    method: "POST", path: "/api/v1/demo/clear", operationId: "clearDemo", tag: "installation", permission: "administer",
    summary: { en: "Remove the demo fleet and its data", es: "Elimina la flota de demostración y sus datos" },
    replies: { 200: { description: "How many points were removed", schema: z.object({ points: z.number() }) } },
    handle: async () => {
      noteDemoCleared(options.dataDirectory);
      await options.demo.stop(DRAIN_MS);
      await drained(options.log);
      await options.flushArchive();
      return { status: 200, body: await clearDemo(options) };
    },
  });
}

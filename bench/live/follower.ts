import { followLive } from "../promise/live-follower.ts";
import { quantile } from "../harness/statistics.ts";

/*
 * One that follows the live stream as the page does, a process of its own as a browser is one: takes where from its parent, says when it is connected,
 * begins to count on its parent's word, and gives what it saw when it is asked.
 */

export type FollowerOrder = { readonly kind: "follow"; readonly analytics: string } | { readonly kind: "count" } | { readonly kind: "look" };
export type FollowerWord = { readonly kind: "connected" } | { readonly kind: "counting" } | { readonly kind: "seen"; readonly seen: Seen };

/** Measurements since it began to count: the time from their reading's own time to the event. */
export interface Seen {
  readonly events: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly highestMs: number;
  readonly cpuUs: number;
}

let tookMs: number[] = [];
let cpu = process.cpuUsage();

async function obey(order: FollowerOrder): Promise<FollowerWord> {
  if (order.kind === "follow") {
    await followLive(order.analytics, (_point, timeMs) => tookMs.push(Date.now() - timeMs));
    return { kind: "connected" };
  }
  if (order.kind === "count") {
    tookMs = [];
    cpu = process.cpuUsage();
    return { kind: "counting" };
  }
  const { user, system } = process.cpuUsage(cpu);
  return { kind: "seen", seen: { events: tookMs.length, p50Ms: quantile(tookMs, 0.5), p99Ms: quantile(tookMs, 0.99), highestMs: quantile(tookMs, 1), cpuUs: user + system } };
}

process.on("message", (order: FollowerOrder) => {
  obey(order).then((word) => process.send?.(word), (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
});
process.once("disconnect", () => process.exit());

import { getHeapStatistics, setFlagsFromString } from "node:v8";
import type { Logger } from "../log/logger.ts";
import type { Component } from "./lifecycle.ts";

const LOOK_EVERY_MS = 5000;
/** Looks whose least is what the heap holds for good: what is above it is garbage that was not collected yet. */
const LOOKS = 6;
const LARGE_BYTES = 320 * 1024 * 1024;

export interface LargeHeapOptions {
  readonly logger: Logger;
  readonly everyMs?: number;
  /** For tests: what the heap holds, and what is done once that is large. */
  readonly usedBytes?: () => number;
  readonly becameLarge?: () => void;
}

/**
 * Lets a large heap be looked through by how it grows. V8 begins a full collection whenever 64 MiB of memory outside of its heap (buffers,
 * typed arrays) have come together, and looks through all of the heap for it: harmless while that is small, and nearly half of a process's
 * CPU time where 100,000 points' states make it a gigabyte. From then on outside memory counts as the heap's does; it costs memory, so a small
 * heap is left as it is. See docs/adr/0025.
 */
export function largeHeap({ logger, everyMs = LOOK_EVERY_MS, usedBytes = () => getHeapStatistics().used_heap_size, becameLarge = accountOutsideMemory }: LargeHeapOptions): Component {
  const seen: number[] = [];
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    seen.push(usedBytes());
    if (seen.length < LOOKS) return;
    const heldBytes = Math.min(...seen);
    seen.shift();
    if (heldBytes < LARGE_BYTES) return;
    clearInterval(timer);
    becameLarge();
    logger.info("process.large-heap", { heldBytes });
  }

  return {
    name: "large-heap",
    start: async () => void (timer = setInterval(look, everyMs).unref()),
    stop: async () => clearInterval(timer),
  };
}

function accountOutsideMemory(): void {
  setFlagsFromString("--external-memory-accounted-in-global-limit");
}

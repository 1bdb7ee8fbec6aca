import type { DecodeContext, FormatOptions } from "./decoded.ts";
import { LocalClock } from "./local-clock.ts";

/** Context of one message that just came; its undated clock times are near its receipt. */
export function liveContext(receivedAtUs: number, zone = "UTC", options: FormatOptions = {}): DecodeContext {
  return { receivedAtUs, clock: new LocalClock(zone, receivedAtUs), options };
}

/** Context of one file, whose rows stand in their order of time. */
export function fileContext(receivedAtUs: number, zone: string, options: FormatOptions = {}): DecodeContext {
  return { receivedAtUs, clock: new LocalClock(zone, null), options };
}

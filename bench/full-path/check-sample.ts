import { pointIdOf } from "@caudal/core";
import type { HttpCaller } from "../promise/http-call.ts";
import type { SampledDevice } from "./publisher.ts";

/** How many of the readings that some devices sent since `fromMs` do not stand in their points' history. */
export async function checkSample(sample: readonly SampledDevice[], { http, analytics, fromMs }: { readonly http: HttpCaller; readonly analytics: string; readonly fromMs: number }): Promise<number> {
  let missing = 0;
  for (const { id, sent } of sample) {
    // A device that is fast runs ahead of the clock, for its times never repeat.
    const query = `from=${new Date(fromMs).toISOString()}&to=${new Date(Date.now() + 3_600_000).toISOString()}&resolution=raw&format=csv`;
    const { status, body } = await http.call(new URL(`/api/v1/analytics/points/${pointIdOf("default", id)}/history?${query}`, analytics).href);
    if (status !== 200) throw new Error(`history of ${id}: ${status} ${body.slice(0, 300)}`);
    missing += Math.max(0, sent - body.split("\n").filter((line) => /^\d/.test(line)).length);
  }
  return missing;
}

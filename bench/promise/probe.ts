import type { Device } from "./device.ts";
import type { HttpCaller } from "./http-call.ts";

const ASK_AGAIN_MS = 4;
const GIVE_UP_MS = 30_000;

/**
 * Asks the latest API for one point until it shows the reading of `timeMs` or a later one, with all its values; gives the milliseconds since `sentMs`.
 * So the time holds the way in, the log, mapping, judging, the hot tier's durable write, and the asking itself: up to the gap between
 * two askings and the time of the last answer more than the fact took.
 */
export async function untilLatest(device: Device, reading: { readonly timeMs: number; readonly sentMs: number }, { http, analytics }: { readonly http: HttpCaller; readonly analytics: string }): Promise<number> {
  const url = new URL(`/api/v1/analytics/latest?points=${device.point}`, analytics).href;
  for (;;) {
    const { status, body } = await http.call(url);
    if (status !== 200) throw new Error(`latest of ${device.point}: ${status} ${body.slice(0, 300)}`);
    const { items } = JSON.parse(body) as { items: { values: { time: string }[] }[] };
    const values = items[0]?.values ?? [];
    const tookMs = performance.now() - reading.sentMs;
    if (values.length > 0 && values.every(({ time }) => Date.parse(time) >= reading.timeMs)) return tookMs;
    if (tookMs > GIVE_UP_MS) throw new Error(`${device.id} did not show its reading within ${GIVE_UP_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}

import type { Device } from "./device.ts";
import type { HttpCaller } from "./http-call.ts";

const AT_ONCE = 8;

/** How many acknowledged readings do not stand in the history of their point, asked device by device. */
export async function checkStored(devices: readonly Device[], fromMs: number, { http, analytics }: { readonly http: HttpCaller; readonly analytics: string }): Promise<number> {
  const left = devices.values();
  let missing = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const { done, value: device } = left.next();
      if (done === true) return;
      const query = `from=${new Date(fromMs).toISOString()}&to=${new Date(Date.now() + 60_000).toISOString()}&resolution=raw&format=csv`;
      const { status, body } = await http.call(new URL(`/api/v1/analytics/points/${device.point}/history?${query}`, analytics).href);
      if (status !== 200) throw new Error(`history of ${device.id}: ${status} ${body.slice(0, 300)}`);
      const stored = new Set(body.split("\n").filter((line) => /^\d/.test(line)).map((line) => Date.parse(line.slice(0, line.indexOf(",")))));
      missing += device.acknowledged.filter((timeMs) => !stored.has(timeMs)).length;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return missing;
}

import { until } from "../../caudal/test-parts/until.ts";
import type { Device } from "./device.ts";
import type { HttpCaller } from "./http-call.ts";
import type { Addresses } from "./plan.ts";

const ROWS_A_CALL = 500;
const CALLS_AT_ONCE = 4;
const DAY_MS = 24 * 3600 * 1000;
const MONTH_DAYS = 30;
const DRAIN_MS = 600_000;

/** Gives some devices a month of quarter hours and a day of readings every 36 seconds, all devices a first reading, and waits until every group has had it. */
export async function sendPast(devices: readonly Device[], rich: readonly Device[], { addresses, http }: { readonly addresses: Addresses; readonly http: HttpCaller }): Promise<number> {
  const nowMs = Date.now();
  const rows = pastRows(devices, rich, nowMs);
  let sent = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const lines = upTo(ROWS_A_CALL, rows);
      if (lines.length === 0) return;
      const { status, body } = await http.call(new URL("/api/v1/readings", addresses.collector).href, { type: "application/x-ndjson", text: lines.join("\n") });
      if (status !== 202) throw new Error(`the past was not taken: ${status} ${body.slice(0, 500)}`);
      sent += lines.length;
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, worker));
  await settled(addresses, http);
  return sent;
}

function* pastRows(devices: readonly Device[], rich: readonly Device[], nowMs: number): Generator<string> {
  for (const device of rich) {
    for (let timeMs = nowMs - MONTH_DAYS * DAY_MS; timeMs < nowMs - DAY_MS; timeMs += 900_000) yield device.at(timeMs).text;
    for (let timeMs = nowMs - DAY_MS; timeMs < nowMs - 60_000; timeMs += 36_000) yield device.at(timeMs).text;
  }
  for (const device of devices) yield device.at(nowMs - 30_000).text;
}

/** The next items of an iterator that goes on afterwards, as \`take\` does not let it. */
function upTo<T>(count: number, iterator: Iterator<T>): T[] {
  const items: T[] = [];
  while (items.length < count) {
    const { done, value } = iterator.next();
    if (done === true) break;
    items.push(value);
  }
  return items;
}

/** Resolves when every group that does not wait on purpose has caught up, and the rollups have nothing more to compute for the moment. */
export async function settled(addresses: Addresses, http: HttpCaller): Promise<void> {
  let marks = Number.POSITIVE_INFINITY;
  let sameSinceMs = performance.now();
  await until("every group has caught up", async () => {
    const { lag } = JSON.parse((await http.call(new URL("/api/v1/status", addresses.status).href)).body) as { lag: Record<string, number> };
    const behind = Object.entries(lag).some(([group, records]) => records > 0 && (!group.startsWith("archiver-") || group === "archiver-cold"));
    const { body } = await http.call(new URL("/metrics", addresses.analytics).href);
    const now = Number(/^caudal_rollup_marks(?:\{\})? (\S+)$/m.exec(body)?.[1] ?? 0);
    if (now !== marks || behind) sameSinceMs = performance.now();
    marks = now;
    await new Promise((resolve) => setTimeout(resolve, 200));
    return performance.now() - sameSinceMs > 3000 ? true : undefined;
  }, DRAIN_MS);
}

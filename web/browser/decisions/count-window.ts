import { endpoints } from "../http/endpoints.ts";
import type { Api } from "../http/request.ts";
import { readHistory, type Cell } from "../wire/history.ts";
import type { Decision } from "../wire/decision.ts";

/** The count around a decision, and the volume with it. */
export interface CountWindow {
  readonly cells: readonly Cell[];
  /** m3 before and with the count; null where there is none. */
  readonly volumeBeforeM3: number | null;
  readonly volumeM3: number | null;
}

/** Samples on each side that are shown. */
const AROUND = 12;
const MOST_ROWS = 2_000;
const HOUR_MS = 3_600_000;
/** Ways to look, until there is enough on both sides: most counters send every minute to every hour, some once a day, a few every second. */
const reachesMs = [6 * HOUR_MS, 72 * HOUR_MS, 40 * 24 * HOUR_MS];
const FAST_MS = 5 * 60_000;
const ENOUGH = 4;
const VOLUME = "volume";

/** Asks for the samples around a decision, more widely while there are few, and less where a page cannot hold them. */
export async function loadWindow(api: Api, decision: Decision, signal: AbortSignal): Promise<CountWindow> {
  let found = await ask(api, decision, reachesMs[0] ?? HOUR_MS, signal);
  if (found.more) return windowOf(decision, (await ask(api, decision, FAST_MS, signal)).cells);
  for (const reachMs of reachesMs.slice(1)) {
    const counts = found.cells.get(decision.variable) ?? [];
    if (counts.filter(({ timeMs }) => timeMs < decision.atMs).length >= ENOUGH) break;
    const wider = await ask(api, decision, reachMs, signal);
    if (wider.more) break;
    found = wider;
  }
  return windowOf(decision, found.cells);
}

async function ask(api: Api, { point, variable, atMs, volumeM3 }: Decision, reachMs: number, signal: AbortSignal) {
  // A variable that the point does not have is refused.
  const variables = volumeM3 === null ? variable : `${variable},${VOLUME}`;
  const query = { from: new Date(atMs - reachMs).toISOString(), to: new Date(atMs + reachMs).toISOString(), resolution: "raw", variables, limit: MOST_ROWS };
  const history = readHistory(await api.call(endpoints.history(point, query), { signal }), new Set());
  return { cells: history.cells, more: history.next !== null };
}

/** The nearest samples on both sides, and the volumes at the count and at the last one before it. */
export function windowOf({ variable, atMs }: Pick<Decision, "variable" | "atMs">, cells: ReadonlyMap<string, readonly Cell[]>): CountWindow {
  const counts = (cells.get(variable) ?? []).filter(({ value }) => value !== null);
  const at = counts.findIndex(({ timeMs }) => timeMs >= atMs);
  const middle = at === -1 ? counts.length : at;
  const volumes = (cells.get(VOLUME) ?? []).filter(({ value }) => value !== null);
  return {
    cells: counts.slice(Math.max(0, middle - AROUND), middle + AROUND + 1),
    volumeBeforeM3: volumes.findLast(({ timeMs }) => timeMs < atMs)?.value ?? null, volumeM3: volumes.find(({ timeMs }) => timeMs === atMs)?.value ?? null,
  };
}

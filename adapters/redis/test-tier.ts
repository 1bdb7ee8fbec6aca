import type { TestContext } from "node:test";
import { CaudalError, hasCode, type RangeQuery, type SeriesTier, systemScope } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";
import type { Engine, EngineNode } from "../../tools/engines/engine.ts";
import { startEngine } from "../../tools/engines/start.ts";
import { openRedisTier, type RedisTierOptions } from "./tier/open-tier.ts";

export const DAY_MS = 86_400_000;
/** 2026-03-01T00:00:00Z. */
export const T0 = Date.UTC(2026, 2, 1) * 1000;
export const S = 1_000_000;

/** A server of the test's own, to be killed. */
export async function ownServer(context: TestContext): Promise<{ readonly engine: Engine; readonly node: EngineNode; readonly url: string }> {
  const engine = await startEngine("redis");
  context.after(() => engine.stop());
  return { engine, node: engine.nodes[0]!, url: engine.url };
}

/** A tier that closes with the test. */
export async function openTier(context: TestContext, url: string, more: Partial<RedisTierOptions> = {}): Promise<SeriesTier> {
  const tier = await openRedisTier({ url, name: "hot", retentionMs: 3 * DAY_MS, ...more });
  context.after(() => tier.close());
  return tier;
}

/** Says that the tier is complete, as a refill does. */
export async function complete(tier: SeriesTier): Promise<void> {
  const loss = await tier.recovery!.loss();
  if (loss !== undefined) await tier.recovery!.refilled(loss);
}

export function measurement(point: string, atS: number, value: number | null, more: Partial<Measurement> = {}): Measurement {
  const instantUs = T0 + atS * S;
  return {
    eventId: `${point}/${atS}`, client: "acme", point, device: "d", channel: "", source: "s", transport: "t", instantUs, observedAtUs: instantUs, receivedAtUs: instantUs,
    authority: 0, knownAtUs: instantUs, causeId: "c", facts: [{ variable: "flow", value, flag: 1, reasons: [] }], labels: {}, ...more,
  };
}

/** Seconds after T0 and values of a variable. */
export async function valuesOf(tier: SeriesTier, point: string, { variable = "flow", ...query }: Partial<RangeQuery> & { readonly variable?: string } = {}): Promise<[number, number | null][]> {
  const found: [number, number | null][] = [];
  for await (const block of tier.read(systemScope, { client: "acme", point, fromUs: -Infinity, toUs: Infinity, ...query })) {
    const column = block.columns.find((one) => one.variable === variable);
    for (let row = 0; row < block.rows; row++) {
      if (column === undefined || column.flags[row] === 0) continue;
      found.push([(block.timesUs[row]! - T0) / S, Number.isNaN(column.values[row]) ? null : column.values[row]!]);
    }
  }
  return found;
}

/** Asks until it succeeds, as long as what fails says "unavailable". */
export async function untilAvailable<T>(call: () => Promise<T>, withinMs = 10_000): Promise<T> {
  for (const deadline = performance.now() + withinMs; ;) {
    try {
      return await call();
    } catch (error) {
      if (!hasCode(error, "unavailable") || performance.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

export function isUnavailable(error: unknown): boolean {
  return error instanceof CaudalError && error.code === "unavailable" && error.retry === "yes";
}

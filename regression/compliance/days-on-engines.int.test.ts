import assert from "node:assert/strict";
import { test } from "node:test";
import { withEngine } from "../../tools/engines/for-tests.ts";
import { openCodec } from "../simulation/run/services.ts";
import { takeOver } from "../simulation/time/take-over.ts";
import { embeddedEngine, engineStores, mongoEngine, type RealEngine } from "./engine-stores.ts";
import { isGood } from "./report.ts";
import { runYear } from "./run-year.ts";

takeOver();

/** A day on which two processes run at once, a clock is set, some flows lie beyond the right and some are corrected late. */
const SEED = "day-55";

function hostileDay(name: string, open: () => Promise<RealEngine>): void {
  test(`${name}: a day of every trouble on real stores: nothing twice, nothing unexplained, roots and chains verified, every byte that is flipped is found`, async (context) => {
    const engine = await open();
    context.after(() => engine.remove());
    const found = await runYear({ seed: SEED, works: 7, days: 1, drainDays: 1, ends: 12, codec: await openCodec(), openStores: engineStores(engine) });
    const { run, verdict } = found;
    assert.deepEqual(run.faults, []);
    assert.deepEqual(verdict.findings, []);
    assert.ok(isGood(found), JSON.stringify(found.flipped));
    const { POSTs = 0, slots = 0 } = verdict.figures;
    assert.ok(slots > 30 && POSTs > slots * 0.4 && run.works.some(({ roots }) => roots.length > 0), JSON.stringify(verdict.figures));
    assert.ok((verdict.standings["verified"] ?? 0) > slots * 0.3, JSON.stringify(verdict.standings));
    assert.ok(run.started > 6 && run.endedAt.size > 4 && run.clockSteps.length > 0 && run.windowsOfTwo > 0 && run.heldSpans.length > 0, `${run.started} processes, ended at ${[...run.endedAt.keys()].join(" ")}, ${run.clockSteps.length} clock steps`);
    assert.ok(run.confirmed + run.annulled > 0 && (verdict.figures["late revisions"] ?? 0) > 0, "a person looked at what was held, and corrections came late");
  });
}

hostileDay("embedded", embeddedEngine);
withEngine("mongo", (server) => hostileDay("MongoDB", async () => mongoEngine(server)));

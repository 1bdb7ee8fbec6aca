import assert from "node:assert/strict";
import { describe } from "node:test";
import { configurationBody, pointIdOf, topics } from "@caudal/core";
import { Problem } from "@caudal/runtime";
import { eventKinds } from "../events.ts";
import { reading, S, T0 } from "../test-station.ts";
import { allFacts, withBench, type Bench } from "./test-replay.ts";
import { checkedRules } from "./tried-rules.ts";

const point = pointIdOf("acme", "well");
const COUNT = 60;
/** 1 to 7 L/s in turn, and a meter that goes on by 1 m3 a minute. */
async function filled(bench: Bench): Promise<void> {
  await bench.station.start();
  await bench.station.send(...["well", "other"].flatMap((device) => Array.from({ length: COUNT }, (_, at) => reading(device, at * 60, { flow: 1 + at % 7, total: 100 + at }))));
  await bench.settled();
}
const above = (limit: number): number => Array.from({ length: COUNT }, (_, at) => 1 + at % 7).filter((flow) => flow > limit).length;
const noon = new Date((T0 + 30 * 60 * S) / 1000).toISOString();

describe("rules that are tried", { concurrency: 3 }, () => {
  withBench("say which facts a limit would flag, by variable and reason, and change nothing", async (bench) => {
    await filled(bench);
    const before = await allFacts(bench.cold, "acme", point);
    const found = await bench.replay({ rules: checkedRules({ variables: { flow: { max: 5 } } }), point });
    assert.deepEqual([found.changes, found.compared, found.applied, found.refused], [above(5), 2 * COUNT, null, 0]);
    assert.deepEqual(found.byReason, { lost: 0, altered: above(5), unconfirmed: 0, appears: 0, disappears: 0 });
    assert.deepEqual(found.byVariable, [{ variable: "flow", changes: above(5), values: 0, flags: { "good → bad": above(5) }, reasons: { "above-range": { gained: above(5), lost: 0 } } }]);
    assert.deepEqual(await allFacts(bench.cold, "acme", point), before);
    assert.equal((await bench.replay({ rules: checkedRules({ variables: { flow: { max: 7 } } }) })).changes, 0);
  });

  withBench("show what a calibration would compute, from its instant on, for the point that it is meant for", async (bench) => {
    await filled(bench);
    const found = await bench.replay({ rules: checkedRules({ points: { [point]: { settings: [{ values: { counter: "total" } }, { validFrom: noon, values: { rightFlowLps: 4 } }] } } }) });
    assert.equal(found.points, 1);
    const [volume, ...others] = found.byVariable.toSorted((a, b) => (a.variable < b.variable ? 1 : -1));
    assert.deepEqual(volume, { variable: "volume", changes: COUNT, values: COUNT, flags: { "- → good": COUNT }, reasons: { "no-neighbour": { gained: 1, lost: 0 } } });
    const flow = others.find(({ variable }) => variable === "flow");
    const late = Array.from({ length: COUNT }, (_, at) => at).filter((at) => at >= 30 && 1 + at % 7 > 4).length;
    assert.deepEqual(flow, { variable: "flow", changes: late, values: 0, flags: { "good → suspect": late }, reasons: { "beyond-right": { gained: late, lost: 0 } } });
  });

  withBench("are laid over every configuration that the past holds, and take limits away with null", async (bench) => {
    const { station } = bench;
    await filled(bench);
    const configured = async (max: number): Promise<void> => {
      const [event] = await station.points();
      const configuration = { ...event!, eventId: `c-${max}`, client: "acme", point, device: "", kind: eventKinds.configuration, causeId: "", causePartition: -1, causeOffset: -1, receivedAtUs: T0 + 7200 * S, samples: [], body: configurationBody({ variables: { flow: { max } } }) };
      await station.publish(topics.points, { key: point, value: station.codec.encode("PointEvent", configuration) });
    };
    await configured(3);
    await station.send(...Array.from({ length: COUNT }, (_, at) => reading("well", 7200 + at * 60, { flow: 1 + at % 7 })));
    await bench.settled();
    const later = { fromUs: T0 + 7200 * S };
    const none = await bench.replay({ point, ...later, rules: checkedRules({ variables: { flow: { max: null } } }) });
    assert.deepEqual(none.byVariable.map(({ flags, reasons }) => [flags, reasons]), [[{ "bad → good": above(3) }, { "above-range": { gained: 0, lost: above(3) } }]]);
    const stricter = await bench.replay({ point, ...later, rules: checkedRules({ variables: { flow: { max: 2 } } }) });
    assert.deepEqual(stricter.byVariable.map(({ flags }) => flags), [{ "good → bad": above(2) - above(3) }]);
  });

  withBench("that cannot be are refused with their place, before anything is replayed", async () => {
    for (const [rules, field] of [
      [{ variables: { flow: { most: 3 } } }, "body.rules.variables.flow"], [{ variables: { flow: { spike: 0 } } }, "body.rules.variables.flow.spike"],
      [{ settings: [{ values: { pulseFactorL: -1 } }] }, "body.rules.settings.0.pulseFactorL"], [{ points: { p: { settings: [{ values: { dialStart: 1 } }] } } }, "body.rules.points.p.settings.0.dialStart"],
      [{ points: { p: { settings: [{ validFrom: "noon", values: {} }] } } }, "body.rules.points.p.settings.0.validFrom"], [{ limits: {} }, "body.rules"], ["level.max=4", "body.rules"],
      [{ variables: { flow: { min: 5, max: 4 } } }, "body.rules.variables.flow"],
    ] as const) assert.throws(() => checkedRules(rules), (error: unknown) => error instanceof Problem && error.options.field === field, `${JSON.stringify(rules)} → ${field}`);
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { sharesByFolder, type CpuProfile } from "./cpu-profile.ts";

const root = "/checkout";
const frame = (functionName: string, url = ""): CpuProfile["nodes"][number]["callFrame"] => ({ functionName, url });

const profile: CpuProfile = {
  startTime: 0,
  nodes: [
    { id: 1, callFrame: frame("(root)"), children: [2, 3, 6, 8, 9] },
    { id: 2, callFrame: frame("(idle)") },
    { id: 3, callFrame: frame("handle", `file://${root}/processor/judging/judge.ts`), children: [4] },
    { id: 4, callFrame: frame("encode", `file://${root}/schemas/codec.ts`), children: [5] },
    { id: 5, callFrame: frame("write", `file://${root}/node_modules/avsc/lib/types.js`) },
    { id: 6, callFrame: frame("parse", `file://${root}/node_modules/mqtt-packet/parser.js`), children: [7] },
    { id: 7, callFrame: frame("slice", "node:buffer") },
    { id: 8, callFrame: frame("(garbage collector)") },
    { id: 9, callFrame: frame("processTimers", "node:internal/timers") },
  ],
  samples: [2, 3, 4, 5, 7, 8, 9, 5],
  timeDeltas: [100, 10, 10, 10, 10, 40, 10, 10],
};

test("time counts to the folder of ours that spent it, else to the package, and idle time not at all", () => {
  const shares = sharesByFolder(profile, root, { fromUs: 0, toUs: Infinity });
  assert.deepEqual(Object.fromEntries(shares), { "processor/judging": 0.1, schemas: 0.3, "mqtt-packet": 0.1, "collecting garbage": 0.4, "Node and V8": 0.1 });
});

test("only the window is looked at", () => {
  assert.deepEqual(Object.fromEntries(sharesByFolder(profile, root, { fromUs: 0, toUs: 125 })), { "processor/judging": 0.5, schemas: 0.5 });
});

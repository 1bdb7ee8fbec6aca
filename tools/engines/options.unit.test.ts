import assert from "node:assert/strict";
import { test } from "node:test";
import { engineNames } from "./engine.ts";
import { readOptions } from "./options.ts";

test("names, nodes, ports and the rest are read from the command line", () => {
  const options = readOptions(["up", "kafka", "mongo", "kafka", "--nodes", "3", "--port", "kafka=19092", "mongo=37017", "--port", "redis=7000", "--folder", "here", "--json", "--system", "--jit", "full"]);
  assert.deepEqual(options, {
    command: "up", names: ["kafka", "mongo"], nodes: 3, ports: new Map([["kafka", 19_092], ["mongo", 37_017], ["redis", 7_000]]),
    folder: "here", json: true, system: true, jit: "full", lines: 40,
  });
});

test("without names all engines are meant, with one node each", () => {
  const { names, nodes, jit, ports } = readOptions(["status"]);
  assert.deepEqual([names, nodes, jit, ports.size], [engineNames, 1, "quick", 0]);
});

const refused: [string[], RegExp][] = [
  [[], /"" is none of up, down, status, logs/],
  [["restart"], /"restart" is none of/],
  [["up", "postgres"], /"postgres" is none of kafka, registry/],
  [["up", "--nodes", "2"], /--nodes is 1 or 3, not 2/],
  [["up", "--jit", "some"], /--jit is quick or full/],
  [["logs", "--lines", "many"], /--lines is a number of lines, not many/],
  [["up", "--port", "kafka"], /--port kafka is not of the form kafka=19092/],
  [["up", "--port", "kafka=0"], /--port kafka=0 is not of the form/],
  [["up", "--port", "kafka=65536"], /--port kafka=65536 is not of the form/],
  [["up", "--port", "postgres=5432"], /"postgres" is none of/],
  [["up", "--force"], /--force/],
];

for (const [args, reason] of refused) {
  test(`"${args.join(" ")}" is refused with its reason`, () => assert.throws(() => readOptions(args), reason));
}

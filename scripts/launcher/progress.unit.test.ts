import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { createProgress } from "./progress.js";
import { words } from "./words.js";

function open(terminal: boolean, env: NodeJS.ProcessEnv) {
  const stream = Object.assign(new PassThrough(), { isTTY: terminal });
  return { progress: createProgress({ stream, env, say: words.en }), said: () => String(stream.read() ?? "") };
}

test("on a terminal a step is one line, redrawn in place, in colour", async () => {
  const { progress, said } = open(true, { TERM: "xterm" });
  assert.equal(await progress.step("Packages", () => Promise.resolve(7)), 7);
  assert.match(said(), /^\r\u001b\[K {2}Packages … .*\r\u001b\[K {2}Packages … \u001b\[32mdone\u001b\[0m .*0\.\d s.*\n$/s);
});

test("NO_COLOR takes the colour away and keeps the line", async () => {
  const { progress, said } = open(true, { TERM: "xterm", NO_COLOR: "1" });
  await progress.step("Packages", () => Promise.resolve());
  assert.match(said(), /Packages … done 0\.\d s\n$/);
  assert.equal(progress.strong("plain"), "plain");
});

test("elsewhere a step is a line at its start and one at its end, without control characters", async () => {
  const { progress, said } = open(false, { TERM: "xterm" });
  await assert.rejects(progress.step("Packages", () => Promise.reject(new Error("no"))), /no/);
  assert.match(said(), /^ {2}Packages …\n {2}Packages … failed 0\.\d s\n$/);
});

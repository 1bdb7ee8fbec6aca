import assert from "node:assert/strict";
import { PassThrough, Readable } from "node:stream";
import { test } from "node:test";
import { hiddenLine, type InputStream } from "./hidden-line.ts";

/** A terminal that remembers how it was set. */
function terminal(): { input: PassThrough & InputStream; raw: boolean[] } {
  const raw: boolean[] = [];
  return { input: Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => raw.push(on) }), raw };
}

test("piped in: all of it, and nobody is asked", async () => {
  let asked = 0;
  assert.equal(await hiddenLine(Readable.from(["secret", "\n"]), { ask: () => (asked += 1) }), "secret\n");
  assert.equal(asked, 0);
});

test("typed: asked once, unseen, up to Enter, with what was erased gone; the terminal is as it was afterwards", async () => {
  const { input, raw } = terminal();
  let asked = 0;
  const line = hiddenLine(input, { ask: () => (asked += 1) });
  for (const keys of ["pa", "x\u007f", "ss\b\bss", "\r", "more"]) input.write(keys);
  assert.equal(await line, "pass");
  assert.deepEqual([asked, raw], [1, [true, false]]);
});

test("Ctrl-C thinks better of it; a terminal that goes away ends the line", async () => {
  const first = terminal();
  const line = hiddenLine(first.input, { ask: () => undefined });
  first.input.write("pa\u0003");
  await assert.rejects(line, { code: "closed" });
  assert.deepEqual(first.raw, [true, false]);
  const second = terminal();
  const ended = hiddenLine(second.input, { ask: () => undefined });
  second.input.end("half");
  assert.equal(await ended, "half");
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { captured } from "../test-parts/captured.ts";
import { folded } from "./folded.ts";

const ESC = "\u001b";

describe("the terminal", () => {
  test("where nobody watches there is no colour, no status and no control character", () => {
    const { terminal, out, error } = captured();
    terminal.status("working");
    terminal.line(terminal.paint("red", "a line"));
    terminal.complain("a fault");
    terminal.json({ a: 1 });
    assert.equal(out(), 'a line\n{"a":1}\n');
    assert.equal(error(), "a fault\n");
    assert.equal(terminal.interactive, false);
  });

  test("colours on a terminal, none with NO_COLOR, neither colours nor status on a dumb one", () => {
    assert.equal(captured({ columns: 80 }).terminal.paint("red", "x"), `${ESC}[31mx${ESC}[0m`);
    const plain = captured({ columns: 80, env: { NO_COLOR: "1" } }).terminal;
    assert.equal(plain.paint("red", "x"), "x");
    assert.equal(plain.interactive, true);
    assert.equal(captured({ columns: 80, env: { NO_COLOR: "" } }).terminal.colour, true);
    const dumb = captured({ columns: 80, env: { TERM: "dumb" } });
    dumb.terminal.status("working");
    assert.equal(dumb.out(), "");
    assert.equal(dumb.terminal.paint("red", "x"), "x");
  });

  test("a status is overwritten by the next one and by lines, log lines too", () => {
    const { terminal, out, error } = captured({ columns: 80, env: { NO_COLOR: "1" } });
    terminal.status("one");
    terminal.status("two");
    terminal.line("said");
    terminal.status("three");
    terminal.log.write("logged\n");
    terminal.status("");
    assert.equal(out(), `one\r${ESC}[2Ktwo\r${ESC}[2Ksaid\nthree\r${ESC}[2K`);
    assert.equal(error(), "logged\n");
  });

  test("a status that is too long takes several lines, all of which are cleared", () => {
    const { terminal, out } = captured({ columns: 21, env: { NO_COLOR: "1" } });
    terminal.status("12 readings/s | lag 0 | parked 0");
    terminal.status("");
    assert.equal(out(), `12 readings/s | lag 0\nparked 0\r${ESC}[2K${ESC}[1A${ESC}[2K`.replace("12 readings/s | lag 0\nparked 0", "12 readings/s\nlag 0 | parked 0"));
  });

  test("a table's columns are as wide as their widest cell, and what came from outside cannot steer", () => {
    const { terminal, out } = captured();
    terminal.table([["a", "long", "x"], ["longer", `b${ESC}[2J`, "y\nz"]]);
    assert.equal(out(), "a       long   x\nlonger  b [2J  y z\n");
    terminal.table([]);
  });
});

test("a text is folded between its parts, and cut only where one part alone is too long", () => {
  assert.deepEqual(folded("ab | cd | ef", 7), ["ab | cd", "ef"]);
  assert.deepEqual(folded("ab | cd | ef", 100), ["ab | cd | ef"]);
  assert.deepEqual(folded("abcdefgh | ij", 3), ["abc", "def", "gh", "ij"]);
  assert.deepEqual(folded("", 3), [""]);
  assert.deepEqual(folded("ab", 0), ["a", "b"]);
});

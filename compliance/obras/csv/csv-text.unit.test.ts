import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { csvLine, readCsv } from "./csv-text.ts";

const cellsOf = (text: string): readonly (readonly string[])[] => {
  const table = readCsv(text);
  assert.ok(table.ok);
  return table.rows.map((row) => row.map((cell) => cell.text));
};
const faultOf = (text: string): number => {
  const table = readCsv(text);
  assert.ok(!table.ok);
  return table.fault.line;
};

test("comma or semicolon, a byte order mark, either line end, blank lines, quoted cells", () => {
  assert.deepEqual(cellsOf("\uFEFFa,b\r\n1, 2 \r\n\r\n3,4"), [["a", "b"], ["1", "2"], ["3", "4"]]);
  assert.deepEqual(cellsOf("a;b\n1,5;x"), [["a", "b"], ["1,5", "x"]]);
  assert.deepEqual(cellsOf('"a;";b\n"x ""y""\r\nz";'), [["a;", "b"], ['x "y"\r\nz', ""]]);
  assert.deepEqual(cellsOf("a\rb\r"), [["a"], ["b"]]);
  assert.deepEqual(cellsOf(""), []);
  assert.deepEqual(cellsOf("a,b\n,\n"), [["a", "b"], ["", ""]]);
});

test("lines are those of the file, also behind a cell of several lines", () => {
  const table = readCsv('a,b\n"1\n2",3\n\n4,5\n');
  assert.ok(table.ok);
  assert.deepEqual(table.rows.map((row) => row[0]?.line), [1, 2, 5]);
});

test("what cannot be read is told by its line", () => {
  assert.equal(faultOf('a,b\n1,"2'), 2);
  assert.equal(faultOf('a,b\n\n"1"x,2'), 3);
  assert.equal(faultOf('a,b\n1,x"y"'), 2);
});

test("what is written is read again", () => {
  const cells = fc.array(fc.string({ unit: fc.constantFrom("a", ",", ";", '"', "\n", "\r", " ", "é", "'", "=") }), { minLength: 2, maxLength: 4 });
  fc.assert(fc.property(fc.array(cells, { minLength: 1, maxLength: 5 }), (rows) => {
    assert.deepEqual(cellsOf(`a,b\r\n${rows.map(csvLine).join("")}`).slice(1), rows);
  }));
});

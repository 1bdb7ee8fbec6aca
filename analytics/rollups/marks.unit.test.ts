import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addMark, clearMarks, isMarked, type Marks } from "./marks.ts";

const span = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 20 })).map(([from, length]) => ({ from, to: from + length }));

function offsets(marks: Marks): Map<number, number> {
  const found = new Map<number, number>();
  for (const { from, to, offset } of marks) for (let at = from; at < to; at++) {
    assert.ok(!found.has(at), "marks do not overlap");
    found.set(at, offset);
  }
  return found;
}

test("what was marked stays marked with an offset no smaller, until it is cleared by one that is no smaller", () => {
  const step = fc.record({ span, offset: fc.integer({ min: 0, max: 50 }), clears: fc.boolean() });
  fc.assert(fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
    let marks: Marks = [];
    const least = new Map<number, number>();
    for (const { span: { from, to }, offset, clears } of steps) {
      const before = offsets(marks);
      marks = clears ? clearMarks(marks, { from, to, offset }) : addMark(marks, { from, to, offset });
      for (let at = from; at < to; at++) {
        if (clears && (before.get(at) ?? Infinity) <= offset) least.delete(at);
        if (!clears) least.set(at, Math.max(least.get(at) ?? 0, offset));
      }
      const now = offsets(marks);
      assert.deepEqual([...now.keys()].sort((a, b) => a - b), [...least.keys()].sort((a, b) => a - b));
      for (const [at, wanted] of least) assert.ok(now.get(at)! >= wanted);
      assert.ok(marks.every((mark, i) => i === 0 || mark.from >= marks[i - 1]!.to));
      assert.equal(isMarked(marks, from, to), Array.from({ length: to - from }, (_, i) => now.has(from + i)).every(Boolean));
    }
  }));
});

test("marks are bounded: what lies between neighbours is marked too rather than to keep ever more", () => {
  let marks: Marks = [];
  for (let i = 0; i < 5000; i++) marks = addMark(marks, { from: i * 7, to: i * 7 + 1, offset: i });
  assert.ok(marks.length <= 256);
  for (let i = 0; i < 5000; i++) assert.ok(isMarked(marks, i * 7, i * 7 + 1));
});

import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { Column, ColumnContext, WordOf } from "./column.ts";
import { readColumn, writeColumn } from "./fact-column.ts";
import { FactList } from "./fact-list.ts";
import type { FactRun } from "./fact-merge.ts";
import { readNumbers, writeNumbers } from "./number-column.ts";

const same: WordOf = (id) => id;

/**
 * Writes facts in order: how many, the instants, then one column a variable. `wordOf` gives the number under which a word (a variable, a set of
 * reasons) is written.
 */
export function writeFacts(writer: ByteWriter, run: FactRun, wordOf: WordOf = same): void {
  const { facts, start, end } = run;
  const rows = new Uint32Array(end - start);
  const instants: number[] = [];
  const columns = new Map<number, number[]>();
  for (let i = start; i < end; i++) {
    const instant = facts.instants[i]!;
    if (instants.length === 0 || instants.at(-1) !== instant) instants.push(instant);
    rows[i - start] = instants.length - 1;
    const column = columns.get(facts.variables[i]!);
    if (column === undefined) columns.set(facts.variables[i]!, [i]);
    else column.push(i);
  }
  writer.unsigned(end - start);
  writer.unsigned(instants.length);
  writeNumbers(writer, Float64Array.from(instants), 2);
  writer.unsigned(columns.size);
  let before: readonly number[] | undefined;
  for (const [variable, indexes] of columns) {
    writer.unsigned(wordOf(variable));
    const context: ColumnContext = { wordOf, facts, indexes, before, instants, rowOf: (index) => rows[index - start]! };
    writeColumn(writer, context);
    before = indexes;
  }
}

/** Reads what `writeFacts` wrote, in order; `wordOf` turns its numbers of words into the reader's. Throws a RangeError on bytes that end early. */
export function readFacts(reader: ByteReader, wordOf: WordOf = same): FactList {
  const count = reader.unsigned();
  const instants = readNumbers(reader, reader.unsigned(), 2);
  const columns = [];
  let before: Column | undefined;
  for (let left = reader.unsigned(); left > 0; left--) {
    const column = readColumn(reader, wordOf(reader.unsigned()), { instants, before, wordOf });
    before = column;
    columns.push(column);
  }
  columns.sort((a, b) => a.variable - b.variable);
  // Facts go where they belong by counting: first how many each row has, then each column's in turn.
  const next = new Uint32Array(instants.length + 1);
  for (const column of columns) for (const row of column.rows) next[row + 1]! += 1;
  for (let row = 0; row < instants.length; row++) next[row + 1]! += next[row]!;
  const facts = new FactList(count);
  facts.length = count;
  for (const column of columns) {
    for (let i = 0; i < column.rows.length; i++) {
      const row = column.rows[i]!;
      const at = next[row]!++;
      facts.instants[at] = instants[row]!;
      facts.variables[at] = column.variable;
      facts.values[at] = column.values[i]!;
      facts.flags[at] = column.flags[i]!;
      facts.authorities[at] = column.authorities[i]!;
      facts.knownAts[at] = column.knownAts[i]!;
      facts.reasons[at] = column.reasons[i]!;
    }
  }
  return facts;
}

import type { RowBlock } from "@caudal/core";
import type { VariableInfo } from "../points/point-directory.ts";
import { CHUNK_CHARACTERS } from "./chunks.ts";
import type { TimeText } from "./time-text.ts";

/** `,flag` and the next column's comma, for each flag. */
const flagText = Array.from({ length: 256 }, (_, flag) => (flag === 0 ? "," : `,${flag}`));

export function rawCsvHeader(columns: readonly VariableInfo[]): string {
  return `time${columns.map(({ column, variable }) => `,${column},${variable}_flag`).join("")}\n`;
}

/** Rows of a block, in strings of bounded length. Numbers in their shortest form; empty where a row has no fact or no value. */
export function* rawCsvRows(block: RowBlock, columns: readonly VariableInfo[], times: TimeText): Generator<string> {
  const sources = columns.map(({ variable }) => block.columns.find((column) => column.variable === variable));
  const width = sources.length;
  const { timesUs, rows } = block;
  let text = "";
  for (let row = 0; row < rows; row++) {
    text += times.format(timesUs[row]!);
    for (let column = 0; column < width; column++) {
      const source = sources[column];
      const flag = source === undefined ? 0 : source.flags[row]!;
      if (flag === 0) text += ",,";
      else {
        const value = source!.values[row]!;
        text += Number.isNaN(value) ? "," + flagText[flag]! : "," + value + flagText[flag]!;
      }
    }
    text += "\n";
    if (text.length >= CHUNK_CHARACTERS) {
      yield text;
      text = "";
    }
  }
  if (text !== "") yield text;
}

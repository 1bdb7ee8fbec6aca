import { roundDecimal, type RowBlock } from "@caudal/core";
import type { VariableInfo } from "../points/point-directory.ts";
import { CHUNK_CHARACTERS } from "./chunks.ts";
import { NUMBER_BYTES, writeNumber } from "./decimal-bytes.ts";
import { TIME_BYTES, type TimeText } from "./time-text.ts";

const COMMA = 44;
const NEW_LINE = 10;
/** A value, its flag and a comma before each. */
const CELL_BYTES = NUMBER_BYTES + 5;

export function rawCsvHeader(columns: readonly VariableInfo[]): string {
  return `time${columns.map(({ column, variable }) => `,${column},${variable}_flag`).join("")}\n`;
}

/** Digits after the point by column; all that are stored where it is undefined. */
export type Decimals = readonly (number | undefined)[] | undefined;

/** Rows of a block as ASCII, in pieces of bounded length. Numbers in their shortest form; empty where a row has no fact or no value. */
export function* rawCsvRows(block: RowBlock, columns: readonly VariableInfo[], { times, decimals = [] }: { readonly times: TimeText; readonly decimals?: Decimals }): Generator<Uint8Array> {
  const sources = columns.map(({ variable }) => block.columns.find((column) => column.variable === variable));
  const width = sources.length;
  const { timesUs, rows } = block;
  const rowBytes = TIME_BYTES + width * CELL_BYTES + 1;
  let bytes = Buffer.allocUnsafe(Math.min(rows * rowBytes, CHUNK_CHARACTERS + rowBytes));
  let at = 0;
  for (let row = 0; row < rows; row++) {
    if (at + rowBytes > bytes.length) {
      yield bytes.subarray(0, at);
      bytes = Buffer.allocUnsafe(Math.min((rows - row) * rowBytes, CHUNK_CHARACTERS + rowBytes));
      at = 0;
    }
    at = times.write(bytes, at, timesUs[row]!);
    for (let column = 0; column < width; column++) {
      const source = sources[column];
      const flag = source === undefined ? 0 : source.flags[row]!;
      bytes[at++] = COMMA;
      if (flag !== 0) {
        const value = source!.values[row]!;
        const digits = decimals[column];
        if (!Number.isNaN(value)) at = writeNumber(bytes, at, digits === undefined ? value : roundDecimal(value, digits));
      }
      bytes[at++] = COMMA;
      if (flag !== 0) at = writeNumber(bytes, at, flag);
    }
    bytes[at++] = NEW_LINE;
  }
  if (at > 0) yield bytes.subarray(0, at);
}

import type { FactColumn, RowBlock } from "@caudal/core";
import type { VariableInfo } from "../points/point-directory.ts";
import { itemKey } from "./item-key.ts";
import type { TimeText } from "./time-text.ts";

/** One JSON object a row. A variable without a fact at that instant is left out. */
export function* rawItems(block: RowBlock, columns: readonly VariableInfo[], times: TimeText): Generator<string> {
  const sources = columns.map(({ variable }) => ({ source: block.columns.find((column) => column.variable === variable), key: `,${JSON.stringify(itemKey(variable))}:` }));
  for (let row = 0; row < block.rows; row++) {
    let text = `{"time":"${times.format(block.timesUs[row]!)}"`;
    for (const { source, key } of sources) if (source !== undefined && source.flags[row] !== 0) text += key + factText(source, row);
    yield `${text}}`;
  }
}

function factText({ values, flags, reasons }: FactColumn, row: number): string {
  const value = values[row]!;
  const codes = reasons.size === 0 ? undefined : reasons.get(row);
  const rest = codes === undefined || codes.length === 0 ? "}" : `,"reasons":${JSON.stringify(codes)}}`;
  return `{"value":${Number.isNaN(value) ? "null" : String(value)},"flag":${flags[row]!}${rest}`;
}

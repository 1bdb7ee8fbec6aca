import type { FactColumn, PointKey, RowBlock } from "@caudal/core";
import type { Frame } from "./part-file.ts";

interface FactHeader extends PointKey {
  readonly rows: number;
  readonly columns: readonly { readonly variable: string; readonly reasons: readonly (readonly [row: number, reasons: readonly string[]])[] }[];
}

/** A block of rows as a frame: times, then of each column values and known-at times (float64), flags and authorities (uint8). */
export function frameOf({ client, point }: PointKey, { rows, timesUs, columns }: RowBlock): { readonly header: FactHeader; readonly body: readonly Uint8Array[] } {
  const header = { client, point, rows, columns: columns.map(({ variable, reasons }) => ({ variable, reasons: [...reasons] })) };
  return { header, body: [bytesOf(timesUs), ...columns.flatMap(({ values, knownAtUs, flags, authorities }) => [bytesOf(values), bytesOf(knownAtUs), flags, authorities])] };
}

export function blockOf({ header, body }: Frame): { readonly key: PointKey; readonly block: RowBlock } {
  const { client, point, rows, columns } = header as FactHeader;
  let at = 0;
  const bytes = (count: number): Uint8Array => body.subarray(at, (at += count));
  // Copied, so that the numbers begin where numbers may.
  const numbers = (): Float64Array => new Float64Array(new Uint8Array(bytes(rows * 8)).buffer);
  const timesUs = numbers();
  const read = columns.map(({ variable, reasons }): FactColumn => {
    const [values, knownAtUs] = [numbers(), numbers()];
    return { variable, values, knownAtUs, flags: bytes(rows), authorities: bytes(rows), reasons: new Map(reasons) };
  });
  return { key: { client, point }, block: { rows, timesUs, columns: read } };
}

function bytesOf(numbers: Float64Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

import type { FactArrays } from "./fact-list.ts";

/** One variable's facts within a block, by row and then greatest revision first. */
export interface Column {
  readonly variable: number;
  readonly rows: Uint32Array;
  readonly values: Float64Array;
  readonly flags: Uint8Array;
  readonly authorities: Uint8Array;
  readonly knownAts: Float64Array;
  readonly reasons: Uint32Array;
}

/** One numbering of words to another. */
export type WordOf = (id: number) => number;

export interface ColumnContext {
  readonly facts: FactArrays;
  /** The column's facts. */
  readonly indexes: readonly number[];
  /** The facts of the column written before this one. */
  readonly before: readonly number[] | undefined;
  /** Of the block's rows. */
  readonly instants: readonly number[];
  rowOf(index: number): number;
  readonly wordOf: WordOf;
}

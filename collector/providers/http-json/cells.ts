import type { WrittenTime } from "@caudal/core";
import { parsed, refused, type Parsed } from "../../decode/decoded.ts";
import { MAX_KEY_CHARACTERS, MAX_LABEL_CHARACTERS } from "../../decode/limits.ts";
import { readScalar, type Scalar } from "../../decode/scalar.ts";
import type { HttpJsonSettings, MapSettings, TimeSettings } from "./block.ts";
import type { Plan } from "./client.ts";

/** One value that a row holds, before its time is an instant. */
export interface Cell {
  readonly key: string;
  readonly value: Parsed<Scalar>;
  readonly unit: string | null;
  readonly time: Parsed<WrittenTime | null>;
  readonly zone: string | undefined;
}

/** A row of the answer with what it says, or why that cannot be read. */
export interface Row {
  readonly raw: unknown;
  readonly cells: readonly Cell[];
  readonly problem?: string;
}

/** Rows under one limit: those of one variable where the path names it, else all. */
export interface RowGroup {
  readonly rows: readonly Row[];
}

/** All rows of an answer. Cells of variables that nobody asked for are left out; without any asked for, all are in. */
export function rowGroups(body: unknown, { samples, map }: Plan, { settings, keys, device }: { readonly settings: HttpJsonSettings; readonly keys: readonly string[]; readonly device: string }): readonly RowGroup[] {
  const reader = { settings, map, body, isAsked: keys.length === 0 ? () => true : (key: string) => keys.includes(key) };
  if (!samples.byVariable) return [{ rows: samples.all(body, { device }).map((row) => readRow(row, keys.length === 1 ? keys[0] : undefined, reader)) }];
  return keys.map((key) => ({ rows: samples.all(body, { device, variable: key }).map((row) => readRow(row, key, reader)) }));
}

interface Reader {
  readonly settings: HttpJsonSettings;
  readonly map: MapSettings;
  readonly body: unknown;
  readonly isAsked: (key: string) => boolean;
}

function readRow(raw: unknown, asked: string | undefined, reader: Reader): Row {
  const { map, settings, body, isAsked } = reader;
  const time = timeOf(raw, body, map.time);
  if ("columns" in map) {
    const cells = Object.entries(map.columns).filter(([key]) => isAsked(key)).map(([key, column]) => {
      const { path, unit, time: own } = "path" in column ? column : { path: column, unit: undefined, time: undefined };
      return { key, value: valueOf(path.first(raw), settings), unit: unit ?? unitOf(key, settings), ...(own === undefined ? time : timeOf(raw, body, own)) };
    });
    return { raw, cells };
  }
  const name = map.variable === undefined ? asked : map.variable.first(raw);
  if (typeof name !== "string" && typeof name !== "number") return { raw, cells: [], problem: `there is no variable's name at ${map.variable?.text ?? "the ask"}` };
  const key = String(name).trim();
  if (key === "" || key.length > MAX_KEY_CHARACTERS) return { raw, cells: [], problem: `a variable's name has 1 to ${MAX_KEY_CHARACTERS} characters` };
  if (!isAsked(key)) return { raw, cells: [] };
  const unit = map.unit?.first(raw);
  return { raw, cells: [{ key, value: valueOf(map.value.first(raw), settings), unit: typeof unit === "string" && unit !== "" ? unit : unitOf(key, settings), ...time }] };
}

function timeOf(row: unknown, body: unknown, time: TimeSettings): Pick<Cell, "time" | "zone"> {
  return { time: time.format.read(time.path.first(time.in === "answer" ? body : row)), zone: time.zone };
}

function unitOf(key: string, { variables }: HttpJsonSettings): string | null {
  return (Object.hasOwn(variables, key) ? variables[key]?.unit : undefined) ?? null;
}

/** A value as the service wrote it. Texts in its own notation of numbers come out with a point and no thousands, which all that follows reads. */
export function valueOf(value: unknown, { numbers }: HttpJsonSettings): Parsed<Scalar> {
  if (value === undefined) return parsed(null);
  if (typeof value === "string") {
    const text = value.trim();
    if (text === "") return parsed(null);
    if (numbers.decimal === "," || numbers.thousands !== "") return ownNotation(text, numbers);
  }
  const scalar = readScalar(value, "value");
  // A text that measures nothing stays a text, for mapping to decide on.
  return scalar.ok && scalar.value === undefined ? textValue(String(value)) : (scalar as Parsed<Scalar>);
}

function ownNotation(text: string, { decimal, thousands }: HttpJsonSettings["numbers"]): Parsed<Scalar> {
  const match = /^([+-]?)([^eE]*)([eE][+-]?\d+)?$/.exec(text);
  const [whole = "", fraction, ...more] = (match?.[2] ?? "").split(decimal);
  const groups = thousands === "" ? [whole] : whole.split(thousands);
  const isGrouped = groups.every((group, at) => (at === 0 ? /^\d+$/ : /^\d{3}$/).test(group)) && (groups.length === 1 || (groups[0] ?? "").length <= 3);
  if (match === null || more.length > 0 || !isGrouped || !/^\d*$/.test(fraction ?? "")) return /\d/.test(text) ? noNumber(text) : textValue(text);
  const point = `${match[1]}${groups.join("")}${fraction === undefined || fraction === "" ? "" : `.${fraction}`}${match[3] ?? ""}`;
  return Number.isFinite(Number(point)) ? parsed(point) : refused("not-finite", "the value is beyond what a double holds");
}

function textValue(text: string): Parsed<Scalar> {
  return text.length <= MAX_LABEL_CHARACTERS ? parsed(text) : refused("wrong-type", `a text has at most ${MAX_LABEL_CHARACTERS} characters`);
}

function noNumber(text: string): Parsed<Scalar> {
  return refused("wrong-type", `"${text.slice(0, 40)}" is no number in the notation that the block names`);
}

import { formatInstant, parseInstant } from "@caudal/core";
import type { Text } from "@caudal/runtime";
import type { Feed, WaterRight } from "../obra.ts";

/** A cell that cannot be what its column holds. */
export class RefusedCell extends Error {
  readonly text: Text;

  constructor(en: string, es: string) {
    super(en);
    this.text = { en, es };
  }
}

export interface CellContext {
  /** In files with semicolons numbers may have a decimal comma. */
  readonly decimalComma: boolean;
}

const REGULATOR_ZONE = "Etc/GMT+4";
const BEHIND_UTC_US = 14_400_000_000;
const LIST = " | ";

export function readNumber(cell: string, { decimalComma }: CellContext): number {
  const written = decimalComma ? cell.replace(",", ".") : cell;
  if (!/^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(written)) throw new RefusedCell(`"${shown(cell)}" is no number; write digits without thousands separators`, `"${shown(cell)}" no es un número; escriba dígitos sin separador de miles`);
  return Number(written);
}

export function readYes(cell: string): boolean {
  const word = cell.toLowerCase();
  if (["yes", "si", "sí", "true", "1"].includes(word)) return true;
  if (["no", "false", "0"].includes(word)) return false;
  throw new RefusedCell("write yes or no", "escriba sí o no");
}

/** On the regulator's clock (UTC-4) unless it says its offset. */
export function readInstantCell(cell: string): number {
  const atUs = parseInstant(cell, REGULATOR_ZONE);
  if (atUs === undefined) throw new RefusedCell(`"${shown(cell)}" is no date; write 2026-01-31 or 2026-01-31T12:00:00-04:00`, `"${shown(cell)}" no es una fecha; escriba 2026-01-31 o 2026-01-31T12:00:00-04:00`);
  return atUs;
}

export function instantCell(atUs: number): string {
  return formatInstant(atUs - BEHIND_UTC_US).replace("Z", "-04:00");
}

/** `flow=POINT:VARIABLE`, several between bars. */
export function feedsCell(feeds: readonly Feed[]): string {
  return feeds.map(({ quantity, point, variable }) => `${quantity}=${point}:${variable}`).join(LIST);
}

export function readFeedsCell(cell: string): readonly { readonly quantity: string; readonly point: string; readonly variable: string }[] {
  return cell.split("|").map((part, at) => {
    const [, quantity, point, variable] = /^\s*(\w+)\s*=\s*([^\s:=]+)\s*:\s*([^\s:=]+)\s*$/.exec(part) ?? [];
    if (quantity === undefined || point === undefined || variable === undefined) throw new RefusedCell(`feed ${at + 1}: write quantity=point:variable, several between bars`, `fuente ${at + 1}: escriba magnitud=punto:variable, varias separadas por barras`);
    return { quantity: quantity.toLowerCase(), point, variable };
  });
}

/** Twelve numbers between bars, January first; an empty place is a month without its own. */
export function monthsCell(right: WaterRight, member: "flowLps" | "volumeM3"): string {
  const months = right.monthly?.map((row) => row?.[member]);
  return months === undefined || months.every((value) => value === undefined) ? "" : months.map((value) => (value === undefined ? "" : String(value))).join("|");
}

export function readMonthsCell(cell: string, context: CellContext): readonly (number | undefined)[] {
  const months = cell.split("|").map((part) => part.trim());
  if (months.length !== 12) throw new RefusedCell(`there are ${months.length} months; write 12 numbers between bars, January first`, `hay ${months.length} meses; escriba 12 números separados por barras, enero primero`);
  return months.map((part) => (part === "" ? undefined : readNumber(part, context)));
}

/** A spreadsheet takes text that begins like this for a formula; an apostrophe before it says that it is none, and is taken off again. */
const FORMULA = /^'*[=+\-@]/;

export function textCell(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

export function readTextCell(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
}

function shown(cell: string): string {
  return cell.length > 40 ? `${cell.slice(0, 40)}…` : cell;
}

import { parsed, refused, type Parsed, type RegisterRow } from "./decoded.ts";
import { floatAsWritten } from "./float-text.ts";

interface RegisterValue {
  readonly key: string;
  readonly value: number;
  readonly unit: string | null;
}

const BYTE_ORDERS: Readonly<Record<RegisterRow["order"], readonly [number, number, number, number]>> = { ABCD: [0, 1, 2, 3], DCBA: [3, 2, 1, 0], CDAB: [2, 3, 0, 1], BADC: [1, 0, 3, 2] };

/**
 * Values of a register map. `wordOf` gives the word of a name or place, or undefined where there is none. One word that is missing or no
 * 16-bit number refuses all: half a register is another number.
 */
export function readRegisters(rows: readonly RegisterRow[], wordOf: (name: string) => unknown): Parsed<readonly RegisterValue[]> {
  const values: RegisterValue[] = [];
  for (const row of rows) {
    const value = valueOf(row, wordOf);
    if (!value.ok) return value;
    values.push({ key: row.key, value: scaled(value.value, row), unit: row.unit ?? null });
  }
  return values.every(({ value }) => Number.isFinite(value)) ? parsed(values) : refused("not-finite", "a register's value is beyond what a double holds");
}

function valueOf(row: RegisterRow, wordOf: (name: string) => unknown): Parsed<number> {
  const first = wordNamed(row.word, wordOf);
  if (!first.ok) return first;
  if (row.type === "uint16") return first;
  if (row.type === "int16") return parsed(first.value > 0x7fff ? first.value - 0x1_0000 : first.value);
  const second = wordNamed(row.second ?? nextOf(row.word), wordOf);
  if (!second.ok) return second;
  const bytes = [first.value >> 8, first.value & 0xff, second.value >> 8, second.value & 0xff];
  const view = new DataView(new ArrayBuffer(4));
  BYTE_ORDERS[row.order].forEach((from, to) => view.setUint8(to, bytes[from] ?? 0));
  if (row.type === "uint32") return parsed(view.getUint32(0));
  if (row.type === "int32") return parsed(view.getInt32(0));
  const float = view.getFloat32(0);
  return Number.isFinite(float) ? parsed(floatAsWritten(float)) : refused("not-finite", `register ${row.word} holds no finite number`, row.key);
}

function wordNamed(name: string, wordOf: (name: string) => unknown): Parsed<number> {
  const written = wordOf(name);
  const word = typeof written === "string" && /^\d{1,5}$/.test(written) ? Number(written) : written;
  if (typeof word === "number" && Number.isInteger(word) && word >= 0 && word <= 0xffff) return parsed(word);
  return refused("malformed-binary", written === undefined ? `register ${name} is missing` : `register ${name} is no whole number from 0 to 65535`, name);
}

/** `REG4` is followed by `REG5`, place 4 by place 5. */
function nextOf(name: string): string {
  return name.replace(/\d+$/, (digits) => String(Number(digits) + 1));
}

function scaled(value: number, { factor, offset }: RegisterRow): number {
  return factor === 1 && offset === 0 ? value : value * factor + offset;
}

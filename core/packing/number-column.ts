import { SIGNED_LIMIT, type ByteWriter } from "./byte-writer.ts";
import type { ByteReader } from "./byte-reader.ts";

const RAW = 255;
const MAX_DECIMALS = 6;

/** Which differences stand for the numbers: none, from the one before, or of those. */
export type Order = 0 | 1 | 2;

const powersOfTen = Array.from({ length: MAX_DECIMALS + 1 }, (_, decimals) => 10 ** decimals);

/**
 * Finite doubles, bit for bit. Numbers of up to six decimals, which meters give, become whole numbers and then differences from
 * the one before; `order` 2 takes differences of those too, for times at even steps, and 0 takes none, for what lies about one number by chance. All others become eight planes of bytes (first bytes of
 * all, second bytes of all ...) after exclusive-or with the one before, which the block's compression finds patterns in.
 */
export function writeNumbers(writer: ByteWriter, values: Float64Array, order: Order = 1, decimals = decimalsOf(values)): void {
  if (decimals === undefined || !deltasFit(values, powersOfTen[decimals]!, order)) {
    writer.byte(RAW);
    writer.raw(toPlanes(values));
    return;
  }
  writer.byte(decimals);
  const scale = powersOfTen[decimals]!;
  let last = 0;
  let lastDelta = 0;
  for (let i = 0; i < values.length; i++) {
    const scaled = Math.round(values[i]! * scale);
    const delta = scaled - last;
    writer.signed(order === 0 ? scaled : order === 1 ? delta : delta - lastDelta);
    last = scaled;
    lastDelta = delta;
  }
}

export function readNumbers(reader: ByteReader, count: number, order: Order = 1): Float64Array {
  return readNumbersOf(reader, reader.byte(), count, order);
}

/** The same once their first byte, which says how they are coded, was read. */
export function readNumbersOf(reader: ByteReader, decimals: number, count: number, order: Order = 1): Float64Array {
  if (decimals === RAW) return fromPlanes(reader.raw(count * 8), count);
  const scale = powersOfTen[decimals];
  if (scale === undefined) throw new RangeError(`no such number coding: ${decimals}`);
  const values = new Float64Array(count);
  let last = 0;
  let lastDelta = 0;
  for (let i = 0; i < count; i++) {
    lastDelta = order === 2 ? lastDelta + reader.signed() : reader.signed();
    last = order === 0 ? lastDelta : last + lastDelta;
    values[i] = scale === 1 ? last : last / scale;
  }
  return values;
}

/** Fewest decimals that give every value back exactly from its scaled whole number; undefined when no such number does. */
export function decimalsOf(values: Float64Array): number | undefined {
  let decimals = 0;
  for (let i = 0; i < values.length; i++) {
    while (!isExact(values[i]!, powersOfTen[decimals]!)) if (++decimals > MAX_DECIMALS) return undefined;
  }
  // More decimals may have taken an earlier, greater value out of what is exact.
  const scale = powersOfTen[decimals]!;
  return values.every((value) => isExact(value, scale)) ? decimals : undefined;
}

function isExact(value: number, scale: number): boolean {
  const scaled = Math.round(value * scale);
  return Number.isSafeInteger(scaled) && scaled / scale === value && !Object.is(value, -0);
}

function deltasFit(values: Float64Array, scale: number, order: Order): boolean {
  let last = 0;
  let lastDelta = 0;
  for (let i = 0; i < values.length; i++) {
    const scaled = Math.round(values[i]! * scale);
    const delta = scaled - last;
    if (Math.abs(order === 0 ? scaled : delta) >= SIGNED_LIMIT || (order === 2 && Math.abs(delta - lastDelta) >= SIGNED_LIMIT)) return false;
    last = scaled;
    lastDelta = delta;
  }
  return true;
}

function toPlanes(values: Float64Array): Uint8Array {
  const count = values.length;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, count * 8);
  const planes = new Uint8Array(count * 8);
  for (let plane = 0; plane < 8; plane++) {
    let last = 0;
    for (let i = 0; i < count; i++) {
      const byte = bytes[i * 8 + plane]!;
      planes[plane * count + i] = byte ^ last;
      last = byte;
    }
  }
  return planes;
}

function fromPlanes(planes: Uint8Array, count: number): Float64Array {
  const values = new Float64Array(count);
  const bytes = new Uint8Array(values.buffer);
  for (let plane = 0; plane < 8; plane++) {
    let last = 0;
    for (let i = 0; i < count; i++) {
      last ^= planes[plane * count + i]!;
      bytes[i * 8 + plane] = last;
    }
  }
  return values;
}

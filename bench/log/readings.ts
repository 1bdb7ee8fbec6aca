import { randomBytes } from "node:crypto";

const VALUE_BYTES = 150;

/** Records like readings: device, time, three numbers and words that repeat, with 16 random bytes each; 150 bytes a value. */
export function readings(count: number): { key: string; value: Uint8Array }[] {
  return Array.from({ length: count }, (_, i) => {
    const device = `demo/station-${String(i % 997).padStart(4, "0")}`;
    const value = Buffer.alloc(VALUE_BYTES);
    let at = value.write(`${device};water-meter;totalizer:m3;flow:l/s;level:m;quality=good;`, "latin1");
    randomBytes(16).copy(value, at);
    at = value.writeBigInt64BE(1_793_000_000_000_000n + BigInt(i) * 60_000_000n, at + 16);
    for (const number of [1000 + i / 100, Math.round(Math.random() * 5000) / 100, Math.round(Math.random() * 300) / 100]) at = value.writeDoubleBE(number, at);
    return { key: device, value };
  });
}

import type { LogRecord, NewDocument } from "@caudal/core";
import type { Measurement } from "@caudal/schemas";

export type StoreName = "log" | "tier" | "documents";
export const stores: Readonly<Record<StoreName, { readonly file: string }>> = { log: { file: "log.db" }, tier: { file: "cold.sqlite" }, documents: { file: "documents.db" } };
export const tornTopic = "torn";
export const PER_COMMIT = 5;
export const POINTS = 3;
const MINUTE_US = 60_000_000;

/** Bytes that only commit n and place i have. */
export function textOf(n: number, i: number): string {
  return `${n}:${i} `.repeat(1 + ((n * 31 + i * 17) % 60));
}

export function recordsOf(n: number): LogRecord[] {
  return Array.from({ length: PER_COMMIT }, (_, i) => ({ key: `k${i}`, value: Buffer.from(textOf(n, i)), headers: { n: String(n) } }));
}

export function documentsOf(n: number): NewDocument<{ n: number; text: string }>[] {
  return Array.from({ length: PER_COMMIT }, (_, i) => ({ id: `d-${n}-${i}`, body: { n, text: textOf(n, i) } }));
}

export function instantOf(n: number, i: number): number {
  return (n * PER_COMMIT + i) * MINUTE_US;
}

export function pointOf(n: number): string {
  return `p${n % POINTS}`;
}

export function measurementsOf(n: number): Measurement[] {
  return Array.from({ length: PER_COMMIT }, (_, i) => ({
    eventId: `e${n}`, client: "c", point: pointOf(n), device: "", channel: "", source: "", transport: "", instantUs: instantOf(n, i), observedAtUs: null, receivedAtUs: 0,
    authority: 0, knownAtUs: n, causeId: "", facts: [{ variable: "flow", value: Math.sin(n * PER_COMMIT + i), flag: 1, reasons: [] }], labels: {},
  }));
}

import { settled } from "../promise/past.ts";
import type { HttpCaller } from "../promise/http-call.ts";
import type { Addresses } from "../promise/plan.ts";
import { POINTS, readingText, ROWS, yearOf } from "./year.ts";

const ROWS_A_CALL = 500;
const CALLS_AT_ONCE = 4;
const TELL_EVERY = 200_000;

/** Sends the year as devices with a memory would, all points side by side, and waits until tiers and rollups have all of it. */
export async function fillYear(firstMs: number, { addresses, http, print }: { readonly addresses: Addresses; readonly http: HttpCaller; readonly print: (line: string) => void }): Promise<void> {
  const url = new URL("/api/v1/readings", addresses.collector).href;
  const batches = batchesOf(firstMs);
  let sent = 0;
  const worker = async (): Promise<void> => {
    for (const lines of batches) {
      const { status, body } = await http.call(url, { type: "application/x-ndjson", text: lines.join("\n") });
      if (status !== 202) throw new Error(`the year was not taken: ${status} ${body.slice(0, 500)}`);
      sent += lines.length;
      if (sent % TELL_EVERY === 0) print(`    ${sent.toLocaleString("en")} of ${(ROWS * POINTS).toLocaleString("en")} readings are taken`);
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, worker));
  await settled(addresses, http);
}

function* batchesOf(firstMs: number): Generator<string[]> {
  const years = Array.from({ length: POINTS }, (_, point) => yearOf(point, firstMs));
  let lines: string[] = [];
  for (let row = 0; row < ROWS; row++) {
    for (const [point, year] of years.entries()) lines.push(readingText(point, year.next().value!));
    if (lines.length < ROWS_A_CALL) continue;
    yield lines;
    lines = [];
  }
  if (lines.length > 0) yield lines;
}

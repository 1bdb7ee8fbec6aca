import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { test } from "node:test";
import type { PointRecord, RowBlock } from "@caudal/core";
import { writeStream } from "@caudal/runtime";
import { Expectation } from "./coverage.ts";
import { inChunks } from "../formats/chunks.ts";
import { eventually } from "../test-scene.ts";
import { csvDocument } from "./document.ts";
import type { PlannedHistory } from "./history.ts";

const ROWS = 8192;
const BLOCKS = 20_000;

/** A history of some gigabytes that is made as it is asked for. */
function endless(onBlock: () => void): PlannedHistory {
  const column = { variable: "flow", values: new Float64Array(ROWS).fill(12.345), flags: new Uint8Array(ROWS).fill(1), reasons: new Map(), authorities: new Uint8Array(ROWS), knownAtUs: new Float64Array(ROWS) };
  const record: PointRecord = {
    client: "demo", point: "p", name: "well", device: "meter", channel: "", feeders: [], revision: 1, labels: {}, adoptedBy: "auto", createdAtUs: 0, periodS: 1, variables: {}, changedAtUs: 0, changedBy: "", unpublished: false,
  };
  const span = { fromUs: 0, toUs: BLOCKS * ROWS * 1e6 };
  return {
    asOfUs: undefined, info: { key: { client: "demo", point: "p" }, record, variables: [] }, span, resolution: "raw", zone: "UTC",
    columns: [{ variable: "flow", unit: "L/s", column: "flow_lps", isTotal: false }],
    expectation: new Expectation({ periodS: 1, learned: new Map(), firstUs: 0, nowUs: span.toUs }),
    coverage: async () => ({ expected: 1, received: 1, flagged: 0, ratio: 1 }),
    async *rawBlocks(): AsyncGenerator<RowBlock> {
      for (let block = 0; block < BLOCKS; block++) {
        onBlock();
        yield { rows: ROWS, timesUs: Float64Array.from({ length: ROWS }, (_, row) => (block * ROWS + row) * 1e6), columns: [column] };
      }
    },
    async *bucketRows() {},
    served: async () => [],
  };
}

test("an export of any length waits for its reader and stops when the reader goes", async () => {
  let blocks = 0;
  let answered: Promise<void> | undefined;
  const server = createServer((_request, response) => {
    response.setHeader("Content-Type", "text/csv");
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    answered = writeStream(response, inChunks(csvDocument(endless(() => (blocks += 1)), {}, () => undefined)), gone.signal);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  try {
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const stands = async (): Promise<number> => {
      let last = -1;
      await eventually(async () => {
        if (blocks > 0 && last === blocks) return true;
        last = blocks;
        await new Promise((resolve) => setTimeout(resolve, 80));
        return false;
      });
      return last;
    };
    const unread = await stands();
    assert.ok(unread < 100, `${unread} blocks were read for a reader that takes nothing`);
    let bytes = 0;
    socket.on("data", (chunk) => {
      bytes += chunk.length;
      if (bytes > 20_000_000) socket.pause();
    });
    await eventually(() => bytes > 20_000_000);
    const more = await stands();
    assert.ok(more > unread && more < 200, `${more} blocks after twenty megabytes`);
    socket.destroy();
    await answered;
    assert.equal(await stands(), more);
  } finally {
    socket.destroy();
    server.close();
    server.closeAllConnections();
  }
});

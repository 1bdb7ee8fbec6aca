import { parentPort } from "node:worker_threads";
import type { ReaderCalls } from "./calls.ts";
import { LogReader } from "./reader.ts";
import { serveCalls } from "./worker-calls.ts";

// Entry of the reader's thread.
const port = parentPort;
if (port === null) throw new Error("runs as a worker thread only");

let reader: LogReader | undefined;

serveCalls<ReaderCalls>(port, {
  open: ({ path }) => {
    reader = new LogReader(path);
    return { reply: undefined };
  },
  fetch: (request) => {
    if (reader === undefined) throw new Error("the log's file is not open");
    const reply = reader.fetch(request);
    return { reply, transfer: [reply.slab.bytes.buffer, reply.slab.index.buffer, reply.appendedAtUs.buffer] };
  },
  close: () => {
    reader?.close();
    reader = undefined;
    port.unref();
    return { reply: undefined };
  },
});

import { parentPort } from "node:worker_threads";
import type { WriterCalls } from "./calls.ts";
import { serveCalls } from "./worker-calls.ts";
import { LogWriter } from "./writer.ts";

// Entry of the writer's thread.
const port = parentPort;
if (port === null) throw new Error("runs as a worker thread only");

let writer: LogWriter | undefined;
let tidying = false;

serveCalls<WriterCalls>(
  port,
  {
    open: ({ path, maxFileBytes }) => {
      writer = new LogWriter(path, maxFileBytes);
      return { reply: writer.state() };
    },
    declare: (topics) => ({ reply: opened().declare(topics) }),
    append: (request) => {
      const reply = opened().append(request);
      return { reply, transfer: [reply.slab.bytes.buffer, reply.slab.index.buffer, reply.offsets.buffer] };
    },
    trim: (row) => ({ reply: opened().trim(row) }),
    advance: (row) => {
      opened().advance(row);
      return { reply: undefined };
    },
    mend: (row) => {
      opened().mend(row);
      return { reply: undefined };
    },
    sweep: (rows) => ({ reply: { starts: opened().sweep(rows), usedBytes: opened().usedBytes() } }),
    close: () => {
      writer?.close();
      writer = undefined;
      port.unref();
      return { reply: undefined };
    },
  },
  tidySoon,
);

/** Deletes a little at a time, so that an append waits for one step at most. */
function tidySoon(): void {
  if (tidying || writer === undefined) return;
  tidying = true;
  setImmediate(() => {
    tidying = false;
    if (tidyStep()) tidySoon();
  });
}

function tidyStep(): boolean {
  try {
    return writer?.tidy() ?? false;
  } catch {
    // Nothing is lost by rows that stay; the next call tries again.
    return false;
  }
}

function opened(): LogWriter {
  if (writer === undefined) throw new Error("the log's file is not open");
  return writer;
}

import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { LogEntry } from "./request-log.ts";

export interface LogFile {
  write(entry: LogEntry): void;
  /** Everything that was written is in the file. Rejects with what kept a line out of it. */
  close(): Promise<void>;
}

/** Appends one JSON document a request. Rejects when the file cannot be opened. */
export async function openLogFile(path: string): Promise<LogFile> {
  await mkdir(dirname(path), { recursive: true });
  const stream = createWriteStream(path, { flags: "a" });
  let failure: Error | undefined;
  stream.on("error", (error) => (failure = error));
  await once(stream, "open");
  return {
    write: (entry) => {
      stream.write(`${JSON.stringify(entry)}\n`);
    },
    async close() {
      if (failure === undefined) await new Promise<void>((resolve) => stream.once("error", () => resolve()).end(resolve));
      if (failure !== undefined) throw failure;
    },
  };
}

import { access, mkdir, open, rename } from "node:fs/promises";
import { join } from "node:path";
import { payloadOf, type FleetMessage } from "../fleet/message.ts";
import { acknowledged, unknownOf, type Outcome, type Sender } from "./sender.ts";

export interface DropDestination {
  readonly over: "drop";
  readonly folder: string;
  /** Rows of a file at most; 500 when absent. */
  readonly rowsPerFile?: number;
  /** Files that wait at once; 2 when absent. */
  readonly files?: number;
  /** How often `done/` is looked at; 50 when absent. */
  readonly pollMs?: number;
}

/**
 * Files of rows, NDJSON and CSV in turn, each written under a hidden name, synced and moved into the folder. Its rows are acknowledged when
 * it stands in `done/`. A file stays until it is taken, so that nothing is ever written twice.
 */
export function dropFolderSender({ folder, rowsPerFile = 500, files = 2, pollMs = 50 }: DropDestination, { runId }: { readonly runId: string }): Sender {
  let written = 0;
  /** Files that were dropped and not seen in `done/` yet, by their first message. */
  const dropped = new Map<number, string>();
  return {
    transport: "drop",
    lanes: files,
    batch: rowsPerFile,
    async send(_lane, messages, signal) {
      const first = messages[0]?.seq ?? 0;
      try {
        let name = dropped.get(first);
        if (name === undefined) {
          const number = ++written;
          const asCsv = number % 2 === 0 && messages.every(({ raw }) => raw === undefined);
          name = `simulated-${runId}-${String(number).padStart(6, "0")}.${asCsv ? "csv" : "ndjson"}`;
          await drop(folder, name, asCsv ? csvOf(messages) : ndjsonOf(messages));
          dropped.set(first, name);
        }
        const outcomes = await settled({ folder, name, pollMs, signal }, messages);
        dropped.delete(first);
        return outcomes;
      } catch (error) {
        return messages.map(() => unknownOf(error));
      }
    },
    close: async () => {},
  };
}

async function drop(folder: string, name: string, content: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const hidden = join(folder, `.${name}.part`);
  const file = await open(hidden, "w");
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(hidden, join(folder, name));
}

async function settled({ folder, name, pollMs, signal }: { folder: string; name: string; pollMs: number; signal: AbortSignal }, messages: readonly FleetMessage[]): Promise<readonly Outcome[]> {
  const isThere = (place: string): Promise<boolean> => access(join(folder, place, name)).then(() => true, () => false);
  while (!signal.aborted) {
    if (await isThere("done")) return messages.map(() => acknowledged);
    // No row of it could be used: what was to be kept aside has been.
    if (await isThere("failed")) return messages.map(({ expect }): Outcome => (expect.startsWith("parked:") ? acknowledged : { outcome: "refused", why: "the file is in failed/" }));
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return messages.map(() => ({ outcome: "unknown", why: "the file was not in done/ yet" }));
}

function ndjsonOf(messages: readonly FleetMessage[]): string {
  return `${messages.map((message) => payloadOf(message, { device: true })).join("\n")}\n`;
}

function csvOf(messages: readonly FleetMessage[]): string {
  const lines = messages.flatMap(({ device, samples }) => samples.map(({ key, timeUs, value }) => `${device};${timeUs / 1000};${key};${value}`));
  return `device;time;key;value\n${lines.join("\n")}\n`;
}

import { mkdir, open, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import type { Fleet } from "../fleet/fleet.ts";
import type { FleetMessage } from "../fleet/message.ts";
import type { Transport } from "../senders/sender.ts";
import { LineFile } from "./line-file.ts";
import type { TruthEvent } from "./truth-event.ts";

/** What became of a message in the end. */
export interface Settled {
  readonly seq: number;
  readonly outcome: "acknowledged" | "refused" | "unknown";
  readonly attempts: number;
  readonly atUs: number;
  /** Why it was refused, or is not known. */
  readonly why?: string;
}

/** The truth of a run, written as it goes on. */
export interface Truth {
  /** Resolves when the lines are written, before anything of them is sent. */
  sent(messages: readonly (readonly [FleetMessage, Transport])[]): Promise<void>;
  settled(settled: Settled): void;
  happened(event: TruthEvent): void;
  close(endUs: number): Promise<void>;
}

/** The folder holds something: another run's truth would be lost. */
export class TruthFolderNotEmpty extends Error {
  readonly folder: string;

  constructor(folder: string) {
    super(`${folder} is not empty`);
    this.name = "TruthFolderNotEmpty";
    this.folder = folder;
  }
}

/** Until the end is known; the year 2255. */
const OPEN_END_US = Number.MAX_SAFE_INTEGER;
const DEVICES_AT_ONCE = 1000;

/** Begins a folder of truth files. TruthFolderNotEmpty when there is anything in it. `onError` is told of a write that failed between calls. */
export async function openTruthFolder(folder: string, fleet: Fleet, onError: (error: unknown) => void): Promise<Truth> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) throw new TruthFolderNotEmpty(folder);
  await writeFleet(folder, fleet, fleet.options.endUs ?? OPEN_END_US);
  const files: LineFile[] = [];
  const create = async (name: string): Promise<LineFile> => {
    const file = await LineFile.create(join(folder, name), onError);
    files.push(file);
    return file;
  };
  const [sent, settled, happened] = [await create("sent.ndjson"), await create("acknowledged.ndjson"), await create("truth.ndjson")];
  return {
    async sent(messages) {
      for (const [message, transport] of messages) sent.add(sentLine(message, transport));
      await sent.flush();
    },
    settled: (line) => settled.add(line),
    happened: (event) => happened.add(event),
    async close(endUs) {
      for (const file of files) await file.close();
      await writeFleet(folder, fleet, endUs);
    },
  };
}

/** No truth is asked for. */
export const noTruth: Truth = { sent: async () => {}, settled: () => {}, happened: () => {}, close: async () => {} };

/** HTTP answers what it cannot read with an error, and keeps nothing of it. */
function sentLine({ seq, device, atUs, samples, repeats, corrects, kinds, expect, raw }: FleetMessage, transport: Transport): object {
  const expected = transport === "http" ? expect.replace("parked:", "dropped:") : expect;
  return { seq, transport, device, atUs, samples, repeats, corrects, kinds, expect: expected, raw };
}

/** Written beside and moved in place, so that a reader never sees half of it. */
async function writeFleet(folder: string, fleet: Fleet, endUs: number): Promise<void> {
  const { seed, startUs, client, intervalS } = fleet.options;
  const path = join(folder, "fleet.json");
  const file = await open(`${path}.new`, "w");
  try {
    const head = JSON.stringify({ format: 1, seed, startUs, endUs, client, intervalS, troubles: fleet.options.troubles });
    await file.write(`${head.slice(0, -1)},"devices":[\n`);
    let lines: string[] = [];
    let separator = "";
    const write = async (): Promise<void> => {
      await file.write(separator + lines.join(",\n"));
      separator = ",\n";
      lines = [];
    };
    for (const device of fleet.devices()) if (lines.push(JSON.stringify(device)) === DEVICES_AT_ONCE) await write();
    if (lines.length > 0) await write();
    await file.write("\n]}\n");
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

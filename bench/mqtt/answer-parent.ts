import type { ReceiverAsked, ReceiverTold, Stored } from "./receiver-words.ts";

const LOOK_EVERY_MS = 10;
const NOTHING: Stored = { readings: 0, repeated: 0, incomplete: 0, parked: 0 };

/** What receives in this process. */
export interface Receiving {
  readonly url: string;
  /** Messages that were taken and acknowledged since the start. */
  taken(): number | Promise<number>;
  /** Absent where nothing is kept. */
  stored?(): Promise<Stored>;
  close(): Promise<void>;
}

/** Opens what receives, answers the parent's questions, and ends when the parent goes. */
export function answerParent(open: () => Promise<Receiving>): void {
  const opened = open();
  process.on("message", (asked: ReceiverAsked) => void opened.then((receiving) => answer(receiving, asked)).catch(fail));
  process.once("disconnect", () => void opened.then((receiving) => receiving.close()).then(() => process.exit(), fail));
  opened.then(({ url }) => tell({ kind: "ready", url })).catch(fail);
}

async function answer(receiving: Receiving, asked: ReceiverAsked): Promise<void> {
  if (asked.kind === "stored") return tell({ kind: "stored", stored: (await receiving.stored?.()) ?? NOTHING });
  while ((await receiving.taken()) < asked.messages) {
    if (!process.connected) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  tell({ kind: "through" });
}

function tell(word: ReceiverTold): void {
  process.send?.(word);
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}

import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { CaudalError } from "@caudal/core";

/** Standard input, or what a test has in its place. A terminal's can be read key by key, without its showing them. */
export type InputStream = Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };

export interface HiddenLineOptions {
  /** Called before somebody types; not where the text is piped in. */
  readonly ask: () => void;
}

const ENTER = /[\r\n]/;
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const ERASE = new Set(["\u007f", "\b"]);

/** What somebody types up to Enter, unseen; or all that is piped in. CaudalError "closed" when they think better of it. */
export async function hiddenLine(input: InputStream, { ask }: HiddenLineOptions): Promise<string> {
  if (input.isTTY !== true || input.setRawMode === undefined) return text(input);
  ask();
  input.setRawMode(true);
  try {
    return await typed(input);
  } finally {
    input.setRawMode(false);
    input.pause();
  }
}

function typed(input: InputStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let line = "";
    const end = (settle: () => void): void => {
      input.off("data", read);
      input.off("end", ended);
      settle();
    };
    const ended = (): void => end(() => resolve(line));
    const read = (chunk: Buffer | string): void => {
      for (const key of String(chunk)) {
        if (key === CTRL_C) return end(() => reject(new CaudalError("closed", "stopped")));
        if (ENTER.test(key) || key === CTRL_D) return end(() => resolve(line));
        line = ERASE.has(key) ? [...line].slice(0, -1).join("") : line + key;
      }
    };
    input.on("data", read).on("end", ended).resume();
  });
}

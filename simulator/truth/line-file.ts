import { open, type FileHandle } from "node:fs/promises";

const FLUSH_AFTER_MS = 50;
const FLUSH_AT_CHARACTERS = 256 * 1024;

/** A file of JSON lines. `flush` resolves when all lines added before are written; they go out by themselves soon, too. */
export class LineFile {
  readonly #file: FileHandle;
  readonly #onError: (error: unknown) => void;
  #lines: string[] = [];
  #characters = 0;
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  private constructor(file: FileHandle, onError: (error: unknown) => void) {
    this.#file = file;
    this.#onError = onError;
  }

  /** A new file; rejects with EEXIST where there is one. `onError` is told what went wrong in the background. */
  static async create(path: string, onError: (error: unknown) => void): Promise<LineFile> {
    return new LineFile(await open(path, "wx"), onError);
  }

  add(line: object): void {
    const text = JSON.stringify(line);
    this.#lines.push(text);
    this.#characters += text.length + 1;
    if (this.#characters >= FLUSH_AT_CHARACTERS) this.flush().catch(this.#onError);
    else this.#timer ??= setTimeout(() => void this.flush().catch(this.#onError), FLUSH_AFTER_MS);
  }

  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines.length > 0) {
      const text = `${this.#lines.join("\n")}\n`;
      this.#lines = [];
      this.#characters = 0;
      this.#writing = this.#writing.then(() => this.#file.appendFile(text));
    }
    return this.#writing;
  }

  async close(): Promise<void> {
    try {
      await this.flush();
      await this.#file.sync();
    } finally {
      clearTimeout(this.#timer);
      await this.#file.close();
    }
  }
}

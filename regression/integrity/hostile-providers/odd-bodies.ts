import type { AnsweredBody, LogEntry, Sandbox } from "../../../sandbox/index.ts";

/** A body that is no answer, as often as it was given for a device. */
export interface OddBody {
  readonly device: string;
  readonly raw: string;
  /** False where it need not be parked: another try within the same poll may have brought a good one, or nobody was there any more to read it. */
  isSure: boolean;
  readonly firstAtMs: number;
  times: number;
}

/**
 * Bodies of which nothing can be used, so that they are to be parked: maintenance pages and JSON that ends in its middle, under the status of a good
 * answer. One without an end is not kept, and its event holds no bytes.
 */
export class OddBodies {
  readonly #bodies = new Map<string, OddBody>();
  readonly #sandbox: () => Pick<Sandbox, "accounts">;

  constructor(sandbox: () => Pick<Sandbox, "accounts">) {
    this.#sandbox = sandbox;
  }

  /** For the sandbox's `answered`. */
  take({ entry: { device: named, provider, status, quirks, atMs }, path, bytes }: AnsweredBody): void {
    const isHalf = quirks.includes("half-json");
    if (status !== 200 || !(isHalf || quirks.includes("html-page"))) return;
    const device = named ?? this.#deviceIn(path);
    // A login that fails is no reading.
    if (device === undefined) return;
    const text = Buffer.from(bytes).toString();
    if (provider !== "things-stack" || !isHalf) return this.#note({ device, raw: text, isSure: true, firstAtMs: atMs });
    // Of a stream of lines those that are whole may count. What is parked then is the line that is none, or all of it; or nothing, where a whole line tells of a failure.
    for (const raw of new Set([text, ...brokenLines(text)])) this.#note({ device, raw, isSure: false, firstAtMs: atMs });
  }

  /** For the sandbox's log. */
  listener(): (entry: LogEntry) => void {
    return ({ device, quirks, atMs }) => {
      if (device !== undefined && quirks.includes("gigantic")) this.#note({ device, raw: "", isSure: false, firstAtMs: atMs });
    };
  }

  all(): readonly OddBody[] {
    return [...this.#bodies.values()];
  }

  /** The collector was stopped: of what was given since that instant nobody knows whether it was read. */
  interrupted(sinceMs: number): void {
    for (const body of this.#bodies.values()) if (body.firstAtMs >= sinceMs) body.isSure = false;
  }

  #note(body: Omit<OddBody, "times">): void {
    const id = `${body.device} ${body.isSure} ${body.raw}`;
    const known = this.#bodies.get(id);
    if (known === undefined) this.#bodies.set(id, { ...body, times: 1 });
    else known.times += 1;
  }

  /** Where the path names a measure alone. */
  #deviceIn(path: string): string | undefined {
    const parts = new Set(path.split("/"));
    return this.#sandbox().accounts().flatMap(({ devices }) => devices).find(({ keys, remote }) => parts.has(remote) || keys.some(({ key }) => parts.has(key)))?.device;
  }
}

function brokenLines(text: string): readonly string[] {
  return text.split("\n").filter((line) => line.trim() !== "" && !isJson(line));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

import { openLineFile, type LineFile } from "./line-file.ts";
import type { RegulatorId, RegulatorQuirkName } from "./quirks.ts";

/** What the regulator made of a request, whatever its answer came to look like on its way. */
export type RequestOutcome =
  | "accepted" | "duplicate" | "refused" | "invalid" | "blocked" | "fault" | "found" | "not-found" | "login" | "denied" | "unknown-route";

/** One request, as the regulator's own books have it. Never a password or a token. */
export interface RegulatorRequest {
  readonly number: number;
  /** By the sandbox's clock; `at` is the same in ISO 8601. */
  readonly atMs: number;
  readonly at: string;
  readonly regulator: RegulatorId;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly codigoObra: string | null;
  /** Day and time of the measurement as they were sent, and as milliseconds since 1970 UTC. */
  readonly instant: string | null;
  readonly instantMs: number | null;
  /** RUT of the control centre. */
  readonly centre: string | null;
  readonly outcome: RequestOutcome;
  /** Null where nothing was answered. */
  readonly status: number | null;
  /** This very request put a measurement into the store. */
  readonly stored: boolean;
  /** The connection ended without a whole answer. */
  readonly dropped: boolean;
  readonly voucher: string | null;
  readonly values: Readonly<Record<string, string>> | null;
  readonly quirks: readonly RegulatorQuirkName[];
}

export type NewRequest = Omit<RegulatorRequest, "number" | "at">;

/** Requests in the order in which they came: the newest in memory, all of them in a file where there is one. */
export class RequestLog {
  readonly #kept: number;
  readonly #file: LineFile | undefined;
  readonly #requests: RegulatorRequest[] = [];
  #count: number;

  constructor({ path, kept }: { readonly path?: string | undefined; readonly kept: number }) {
    this.#kept = kept;
    this.#file = path === undefined ? undefined : openLineFile(path, (request) => this.#keep(request as RegulatorRequest));
    this.#count = this.#requests.at(-1)?.number ?? 0;
  }

  get count(): number {
    return this.#count;
  }

  /** In the file, where there is one, when it returns. */
  add(request: NewRequest): void {
    const numbered = { number: ++this.#count, at: new Date(request.atMs).toISOString(), ...request };
    this.#file?.append(numbered);
    this.#keep(numbered);
  }

  #keep(request: RegulatorRequest): void {
    this.#requests.push(request);
    // In runs, since taking one off the front of a long list moves the rest.
    if (this.#requests.length > this.#kept * 1.25 + 100) this.#requests.splice(0, this.#requests.length - this.#kept);
  }

  /** Kept requests after a number, oldest first. */
  requests(after = 0): readonly RegulatorRequest[] {
    return this.#requests.filter(({ number }) => number > after);
  }

  close(): void {
    this.#file?.close();
  }
}

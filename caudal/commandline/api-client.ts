import { CaudalError } from "@caudal/core";
import type { Language } from "@caudal/runtime";
import { CommandFailure, problemFailure, type ToldProblem } from "./command-failure.ts";
import type { CliText } from "./say.ts";

export interface ApiClientOptions {
  readonly baseUrl: string;
  readonly token?: string | undefined;
  readonly language: Language;
  readonly say: CliText;
}

/** A problem document as the server answers it. */
export interface Sending {
  readonly body?: unknown;
  /** Sent as it is in place of `body`. */
  readonly raw?: { readonly bytes: Uint8Array<ArrayBuffer>; readonly type: string };
  /** Milliseconds to wait for the whole answer; a minute when absent. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 60_000;
/** An address that a person gave, as the origin of an installation. CommandFailure "setting" when it is none. */
export function baseUrlOf(written: string, say: CliText): string {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return `${url.origin}/`;
  throw new CommandFailure("setting", say("cli.bad-url", { url: written }));
}

/** Speaks to a running installation; turns problem documents into errors that name the next step. */
export class ApiClient {
  readonly #options: ApiClientOptions;

  constructor(options: ApiClientOptions) {
    this.#options = options;
  }

  get baseUrl(): string {
    return this.#options.baseUrl;
  }

  async get<T>(path: string): Promise<T> {
    return (await this.#call("GET", path, {})) as T;
  }

  async send<T>(method: "POST" | "PUT" | "DELETE", path: string, sending: Sending = {}): Promise<T> {
    return (await this.#call(method, path, sending)) as T;
  }

  /** The response of a stream that ends only with the signal, or with the installation. */
  async stream(path: string, signal: AbortSignal): Promise<Response> {
    return this.#fetch(path, { headers: this.#headers({ accept: "text/event-stream" }), signal });
  }

  /** An answer's bytes as they came: a file. */
  async bytes(path: string, { timeoutMs = TIMEOUT_MS }: Pick<Sending, "timeoutMs"> = {}): Promise<Uint8Array> {
    const response = await this.#fetch(path, { headers: this.#headers({ accept: "*/*" }), signal: AbortSignal.timeout(timeoutMs) });
    return new Uint8Array(await response.arrayBuffer());
  }

  async #call(method: string, path: string, { body, raw, timeoutMs = TIMEOUT_MS }: Sending): Promise<unknown> {
    const type = raw?.type ?? (body === undefined ? undefined : "application/json");
    const init: RequestInit = { method, headers: this.#headers(type === undefined ? {} : { "content-type": type }), signal: AbortSignal.timeout(timeoutMs) };
    if (raw !== undefined) init.body = raw.bytes;
    else if (body !== undefined) init.body = JSON.stringify(body);
    const response = await this.#fetch(path, init);
    try {
      const text = await response.text();
      return text === "" ? undefined : (JSON.parse(text) as unknown);
    } catch (cause) {
      throw this.#notCaudal(cause);
    }
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const { baseUrl, say } = this.#options;
    const response = await fetch(new URL(path, baseUrl), init).catch((cause: unknown) => {
      if (cause instanceof DOMException && cause.name === "TimeoutError") throw new CommandFailure("timeout", say("cli.no-answer-in-time", { url: baseUrl }), { cause });
      if (init.signal?.aborted === true) throw new CaudalError("closed", "stopped", { cause });
      throw new CommandFailure("unavailable", say("cli.nothing-answers", { url: baseUrl }), { next: say("cli.nothing-answers.next"), cause });
    });
    if (response.ok) return response;
    const problem = await response.json().then((value: unknown) => value as ToldProblem, (cause: unknown) => {
      throw this.#notCaudal(cause);
    });
    throw problemFailure(response.status, response.status === 401 ? { ...problem, next: say("cli.token-needed.next") } : problem);
  }

  #notCaudal(cause: unknown): CommandFailure {
    const { baseUrl, say } = this.#options;
    return new CommandFailure("unavailable", say("cli.not-caudal", { url: baseUrl }), { next: say("cli.nothing-answers.next"), cause });
  }

  #headers(extra: Record<string, string>): Record<string, string> {
    const token: Record<string, string> = this.#options.token === undefined ? {} : { authorization: `Bearer ${this.#options.token}` };
    return { accept: "application/json", "accept-language": this.#options.language, ...token, ...extra };
  }
}

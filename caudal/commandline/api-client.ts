import { CaudalError, type ErrorCode } from "@caudal/core";
import type { Language } from "@caudal/runtime";
import { CommandFailure } from "./command-failure.ts";
import type { CliText } from "./say.ts";

export interface ApiClientOptions {
  readonly baseUrl: string;
  readonly token?: string | undefined;
  readonly language: Language;
  readonly say: CliText;
}

/** A problem document as the server answers it. */
interface ProblemDocument {
  readonly title?: string;
  readonly detail?: string;
  readonly next?: string;
  readonly field?: string;
}

export interface Sending {
  readonly body?: unknown;
  /** Milliseconds to wait for the whole answer; a minute when absent. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 60_000;
const codeOfStatus: Record<number, ErrorCode> = {
  400: "bad-request", 401: "forbidden", 403: "forbidden", 404: "not-found", 409: "version-conflict", 412: "version-conflict", 413: "too-large", 415: "bad-request", 422: "bad-request",
};

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

  async #call(method: string, path: string, { body, timeoutMs = TIMEOUT_MS }: Sending): Promise<unknown> {
    const content: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
    const init: RequestInit = { method, headers: this.#headers(content), signal: AbortSignal.timeout(timeoutMs) };
    if (body !== undefined) init.body = JSON.stringify(body);
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
    const problem = await response.json().then((value: unknown) => value as ProblemDocument, (cause: unknown) => {
      throw this.#notCaudal(cause);
    });
    const words = [problem.title ?? `HTTP ${response.status}`, problem.field, problem.detail].filter((word) => word !== undefined && word !== "");
    const next = response.status === 401 ? say("cli.token-needed.next") : problem.next;
    throw new CommandFailure(codeOfStatus[response.status] ?? "unavailable", words.join(": "), { next });
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

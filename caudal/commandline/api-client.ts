import { CaudalError, type ErrorCode } from "@caudal/core";

export interface ApiClientOptions {
  readonly baseUrl: string;
  readonly token?: string | undefined;
  readonly language: "en" | "es";
}

/** A problem document as the server answers it. */
interface ProblemDocument {
  readonly title?: string;
  readonly detail?: string;
  readonly next?: string;
  readonly field?: string;
}

const codeOfStatus: Record<number, ErrorCode> = { 400: "bad-request", 401: "forbidden", 403: "forbidden", 404: "not-found", 409: "version-conflict", 413: "too-large", 422: "bad-request" };

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
    return (await this.#call("GET", path)) as T;
  }

  async send<T>(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    return (await this.#call(method, path, body, headers)) as T;
  }

  /** The response of a stream that never ends by itself. */
  async stream(path: string, signal: AbortSignal): Promise<Response> {
    return this.#fetch(path, { headers: this.#headers({ accept: "text/event-stream" }), signal });
  }

  async #call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<unknown> {
    const content: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
    const init: RequestInit = { method, headers: this.#headers({ ...content, ...headers }) };
    if (body !== undefined) init.body = JSON.stringify(body);
    const response = await this.#fetch(path, init);
    const text = await response.text();
    return text === "" ? undefined : (JSON.parse(text) as unknown);
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const response = await fetch(new URL(path, this.#options.baseUrl), init).catch((error: unknown) => {
      throw new CaudalError("unavailable", `nothing answers at ${this.#options.baseUrl}; start Caudal with: npm start`, { cause: error });
    });
    if (response.ok) return response;
    const problem = await response.json().then((value: unknown) => value as ProblemDocument, () => ({}) as ProblemDocument);
    const words = [problem.title ?? `HTTP ${response.status}`, problem.field, problem.detail, problem.next].filter((word) => word !== undefined && word !== "");
    throw new CaudalError(codeOfStatus[response.status] ?? "unavailable", words.join(": "));
  }

  #headers(extra: Record<string, string>): Record<string, string> {
    const token: Record<string, string> = this.#options.token === undefined ? {} : { authorization: `Bearer ${this.#options.token}` };
    return { accept: "application/json", "accept-language": this.#options.language, ...token, ...extra };
  }
}

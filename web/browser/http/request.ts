import { ApiProblem } from "../wire/problem.ts";
import { asPage, type Page } from "../wire/read.ts";

export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

export interface ApiOptions {
  /** Empty in the browser: paths are of the page's own origin. */
  readonly baseUrl?: string;
  readonly fetch: Fetch;
  readonly language: () => string;
  /** Called when the server wants a sign-in. */
  readonly onUnauthorized: () => void;
  /** Called with the server's clock of each answer, in ms since 1970. */
  readonly onServerTime?: (serverMs: number) => void;
}

export interface CallOptions {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: unknown;
  /** A file as it is, in the place of `body`. */
  readonly file?: { readonly bytes: ArrayBuffer; readonly type: string };
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Api {
  /** The parsed JSON of the answer, undefined when it has none. Throws ApiProblem for every status from 400 on and when no answer comes. */
  call(path: string, options?: CallOptions): Promise<unknown>;
  /** Follows `next` until the list ends or holds `most` items; `more` says that it did not end. */
  all<T>(path: string, read: (item: unknown) => T | undefined, options: AllOptions<T>): Promise<{ items: T[]; more: boolean }>;
}

export interface AllOptions<T> {
  readonly most: number;
  readonly signal?: AbortSignal;
  readonly onPage?: (page: Page<T>) => void;
}

export function createApi(options: ApiOptions): Api {
  async function call(path: string, { method = "GET", body, file, headers = {}, signal }: CallOptions = {}): Promise<unknown> {
    const init: RequestInit = { method, credentials: "same-origin", headers: { accept: "application/json", "accept-language": options.language(), ...headers } };
    if (signal !== undefined) init.signal = signal;
    if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers = { ...init.headers, "content-type": "application/json" };
    }
    if (file !== undefined) {
      init.body = file.bytes;
      init.headers = { ...init.headers, "content-type": file.type };
    }
    const response = await send(path, init);
    const serverMs = Date.parse(response.headers.get("date") ?? "");
    if (!Number.isNaN(serverMs)) options.onServerTime?.(serverMs);
    const answer = await parsed(response);
    if (response.ok) return answer;
    if (response.status === 401) options.onUnauthorized();
    throw new ApiProblem(response.status, answer, retryAfterS(response.headers.get("retry-after")));
  }

  async function send(path: string, init: RequestInit): Promise<Response> {
    try {
      return await options.fetch((options.baseUrl ?? "") + path, init);
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new ApiProblem(0, {});
    }
  }

  async function all<T>(path: string, read: (item: unknown) => T | undefined, { most, signal, onPage }: AllOptions<T>) {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const page: Page<T> = asPage(await call(withQuery(path, { cursor }), signal === undefined ? {} : { signal }), read);
      items.push(...page.items);
      onPage?.(page);
      cursor = page.next;
    } while (cursor !== null && items.length < most);
    return { items, more: cursor !== null };
  }

  return { call, all };
}

/** Seconds to wait, where the server says them; a date is not one of ours. */
function retryAfterS(header: string | null): number | null {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) : null;
}

async function parsed(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export type QueryValue = string | number | null | undefined;

/** Adds what has a value to a path that may have a query already. */
export function withQuery(path: string, query: Readonly<Record<string, QueryValue>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  const text = search.toString();
  return text === "" ? path : `${path}${path.includes("?") ? "&" : "?"}${text}`;
}

/** True for the error of a request that was given up on purpose. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

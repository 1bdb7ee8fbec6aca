import type { Account } from "../providers/account.ts";
import type { Failure, ProviderRequest } from "../providers/provider.ts";
import type { Redactor } from "./redact.ts";
import type { Outgoing } from "./transport.ts";

export const DEFAULT_TIMEOUT_MS = 5000;

export type Made = { readonly ok: true; readonly outgoing: Outgoing; /** As it may be shown: no query values, no secret segments of the path. */ readonly shown: string } | { readonly ok: false; readonly failure: Failure };

/**
 * A provider's request as it goes out: below the account's base URL and nowhere else. A login's path may be an absolute URL, since tokens may be
 * given out by another host; it must be https, unless the account may call private networks.
 */
export function outgoingOf(request: ProviderRequest, account: Pick<Account, "baseUrl" | "allowPrivate">, options: { readonly ofLogin: boolean; readonly redactor: Redactor }): Made {
  const { ofLogin, redactor } = options;
  const refuse = (detail: string): Made => ({ ok: false, failure: { kind: "config_error", detail } });
  const base = URL.parse(account.baseUrl);
  if (base === null || !/^https?:$/.test(base.protocol)) return refuse("the base URL is no http or https URL");
  if (base.username !== "" || base.password !== "") return refuse("the base URL holds credentials; they belong in the account's secrets");
  const absolute = /^[a-z][a-z0-9+.-]*:\/\//i.test(request.path);
  if (absolute && !ofLogin) return refuse("a request names another host; only a login may");
  const text = absolute ? request.path : `${account.baseUrl}${request.path.startsWith("/") ? "" : "/"}${request.path}`;
  const url = URL.parse(text + queryOf(request, text));
  if (url === null) return refuse("a request's path makes no URL");
  if (!absolute && url.origin !== base.origin) return refuse("a request leaves the base URL's host");
  if (absolute && url.protocol !== "https:" && !(url.protocol === "http:" && account.allowPrivate)) return refuse("a login at another host must be https");
  if (url.username !== "" || url.password !== "") return refuse("a URL holds credentials");
  const { body, type } = bodyOf(request);
  const headers = { accept: "application/json", "user-agent": "caudal", ...type, ...lowerCase(request.headers ?? {}) };
  const outgoing: Outgoing = {
    method: request.method, url, headers, timeoutMs: request.timeoutMs ?? DEFAULT_TIMEOUT_MS, allowPrivate: account.allowPrivate, ...(body === undefined ? {} : { body }),
  };
  return { ok: true, outgoing, shown: `${request.method} ${shownUrl(url, redactor)}` };
}

/** Names of query parameters without their values; segments of the path that hold a secret are masked. */
export function shownUrl(url: URL, redactor: Redactor): string {
  const segments = redactor.text(url.pathname).split("/").map((segment) => redactor.text(segment));
  const names = [...url.searchParams.keys()].map((name) => `${redactor.text(name)}=…`);
  return `${redactor.text(url.host)}${segments.join("/")}${names.length === 0 ? "" : `?${names.join("&")}`}`;
}

function queryOf({ query = [] }: ProviderRequest, url: string): string {
  if (query.length === 0) return "";
  return `${url.includes("?") ? "&" : "?"}${query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&")}`;
}

function bodyOf({ json, form }: ProviderRequest): { readonly body?: string; readonly type?: Readonly<Record<string, string>> } {
  if (json !== undefined) return { body: JSON.stringify(json), type: { "content-type": "application/json" } };
  if (form !== undefined) return { body: new URLSearchParams(form).toString(), type: { "content-type": "application/x-www-form-urlencoded" } };
  return {};
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

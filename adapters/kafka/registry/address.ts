import { CaudalError } from "@caudal/core";

/** A registry's URL, taken apart. */
export interface RegistryAddress {
  /** Without user, password and a last "/": for requests, messages and as the cache's key. */
  readonly base: string;
  readonly auth?: { readonly username: string; readonly password: string };
}

/** CaudalError "setting" for text that is no URL of http or https; the text itself, which may hold a password, is told to nobody. */
export function readAddress(url: string): RegistryAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || (parsed.protocol !== "http:" && parsed.protocol !== "https:")) {
    throw new CaudalError("setting", "the schema registry's URL cannot be read; its form is http(s)://[user:pass@]host:port/path");
  }
  const base = `${parsed.origin}${parsed.pathname.replace(/\/+$/, "")}`;
  if (parsed.username === "") return { base };
  return { base, auth: { username: decodeURIComponent(parsed.username), password: decodeURIComponent(parsed.password) } };
}

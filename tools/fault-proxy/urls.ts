/** Where a server listens, out of its URL: the first of several hosts. */
export function targetOf(url: string): { readonly host: string; readonly port: number } {
  const [, host = "", port = ""] = /^[a-z+]+:\/\/(?:[^@/?]*@)?([^:/?,]+):(\d+)/.exec(url) ?? [];
  return { host, port: Number(port) };
}

/** The URL of the same server through a proxy. A MongoDB driver is told not to ask the server where it is. */
export function through(proxy: { readonly host: string; readonly port: number }, url: string): string {
  const moved = url.replace(/^([a-z+]+:\/\/(?:[^@/?]*@)?)[^/?]*/, `$1${proxy.host}:${proxy.port}`);
  return moved.startsWith("mongodb") ? extended(moved.replace(/replicaSet=[^&]*&?/, ""), "", { directConnection: "true" }) : moved;
}

/** A URL, whose hosts may be several, within a database or keyspace (empty: its own) and with more parameters. */
export function extended(url: string, within: string, parameters: Readonly<Record<string, string>>): string {
  const [, base = url, path = "", query = ""] = /^([a-z+]+:\/\/[^/?]*)\/?([^?]*)\??(.*)$/.exec(url) ?? [];
  const all = new URLSearchParams(query);
  for (const [key, value] of Object.entries(parameters)) all.set(key, value);
  const place = within === "" ? path : within;
  return `${base}${place === "" && all.size === 0 ? "" : `/${place}`}${all.size === 0 ? "" : `?${all.toString()}`}`;
}

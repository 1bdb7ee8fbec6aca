const LOOPBACK = "127.0.0.1";
/** Addresses to listen at that nobody can connect to. */
const anywhere = new Set(["0.0.0.0", "::"]);

/** The address to connect to on this machine, as it stands in a URL: an IPv6 one in brackets. */
export function reachableHost(host: string): string {
  if (anywhere.has(host)) return LOOPBACK;
  return host.includes(":") ? `[${host}]` : host;
}

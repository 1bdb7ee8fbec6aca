import { isIP } from "node:net";
import { CaudalError } from "@caudal/core";
import { isLoopback } from "@caudal/runtime";

/** A server and the host that it is to listen at. */
export interface Listener {
  readonly what: "HTTP" | "MQTT";
  readonly host: string;
}

/** A server would be reachable from other machines while nobody has a token. */
export class ExposedWithoutToken extends CaudalError {
  readonly listener: Listener;

  constructor(listener: Listener) {
    super("setting", `${listener.what} would listen beyond this machine (${listener.host}), and there is no token yet`);
    this.listener = listener;
  }
}

/** True when only this machine can reach a server bound to the host. */
export function isLoopbackHost(host: string): boolean {
  return host.toLowerCase() === "localhost" || (isIP(host) !== 0 && isLoopback(host));
}

/** Listening beyond this machine needs a token that exists; rejects with ExposedWithoutToken. */
export async function refuseExposureWithoutToken(tokens: { any(): Promise<boolean> }, listeners: readonly Listener[]): Promise<void> {
  const exposed = listeners.find(({ host }) => !isLoopbackHost(host));
  if (exposed !== undefined && !(await tokens.any())) throw new ExposedWithoutToken(exposed);
}

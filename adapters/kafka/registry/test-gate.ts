import { openFaultProxy, type FaultProxy } from "../../../tools/fault-proxy/fault-proxy.ts";
import { targetOf, through } from "../../../tools/fault-proxy/urls.ts";

/** A way to a server that a test can close and open again. */
export interface Gate extends FaultProxy {
  /** The server's URL through the gate. */
  readonly url: string;
}

export async function startGate(url: string): Promise<Gate> {
  const proxy = await openFaultProxy({ target: targetOf(url) });
  return { ...proxy, url: through(proxy, url) };
}

import { isIP } from "node:net";
import { CaudalError } from "@caudal/core";
import { isLoopback } from "@caudal/runtime";

/** True when only this machine can reach a server bound to the host. */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || (isIP(host) !== 0 && isLoopback(host));
}

/** Listening beyond this machine needs a token that exists. CaudalError "setting" says how to make one. */
export async function refuseExposureWithoutToken(tokens: { any(): Promise<boolean> }, listeners: readonly { readonly what: string; readonly host: string }[]): Promise<void> {
  const exposed = listeners.find(({ host }) => !isLoopbackHost(host));
  if (exposed === undefined || (await tokens.any())) return;
  throw new CaudalError("setting", `${exposed.what} would listen beyond this machine (${exposed.host}) without any token; create one first: npx caudal tokens create --name NAME --role admin --client all`);
}

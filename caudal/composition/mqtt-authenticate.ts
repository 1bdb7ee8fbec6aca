import type { MqttAuthenticate } from "@caudal/collector";
import { isLoopback, localPrincipal, principalOf, type TokenLookup } from "@caudal/runtime";
import type { FleetCredentials } from "../demo/fleet-credentials.ts";

export interface MqttAuthenticateOptions {
  readonly lookup: TokenLookup;
  /** False: whoever connects over loopback without a password is `local`. */
  readonly tokensRequired: boolean;
  /** What the demo fleet of this process connects with. */
  readonly fleet: FleetCredentials;
}

/** Who connects to the broker: a token as password, with any user name. Undefined is refused. */
export function mqttAuthenticate({ lookup, tokensRequired, fleet }: MqttAuthenticateOptions): MqttAuthenticate {
  return async (_username, password, remoteAddress) => {
    if (password === undefined || password === "") return !tokensRequired && isLoopback(remoteAddress) ? localPrincipal : undefined;
    return fleet.principalOf(password) ?? principalOf(password, lookup);
  };
}

import type { TokenStore } from "@caudal/business";
import type { Principal } from "@caudal/core";
import { isLoopback, localPrincipal, principalOf } from "@caudal/runtime";

/** Who connects to the broker: a token as password, with any user name. Without one, whoever sits at the machine. Undefined is refused. */
export function mqttAuthenticate(tokens: TokenStore): (username: string | undefined, password: string | undefined, remoteAddress: string | undefined) => Promise<Principal | undefined> {
  return async (_username, password, remoteAddress) => {
    if (password !== undefined && password !== "") return principalOf(password, tokens.lookup);
    return isLoopback(remoteAddress) ? localPrincipal : undefined;
  };
}

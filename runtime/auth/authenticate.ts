import type { Principal } from "@caudal/core";
import type { IncomingMessage } from "node:http";
import { Problem } from "../http/problem.ts";
import { sessionOf } from "./session-cookie.ts";
import { hashToken, isTokenText, sameHash } from "./token.ts";

/** Who asks; undefined when nobody says. Throws Problem "invalid-token" when somebody says wrongly, and what the lookup throws. */
export type Authenticate = (request: IncomingMessage) => Promise<Principal | undefined>;

/** Finds a valid token by its hash; undefined when there is none, or it is revoked or past its time. */
export type TokenLookup = (hash: string) => Promise<{ readonly hash: string; readonly principal: Principal } | undefined>;

export interface AuthenticateOptions {
  readonly lookup: TokenLookup;
  /** False: whoever connects over loopback without a token is `local`. */
  readonly tokensRequired: boolean;
}

/** Whoever sits at the machine, where no tokens are required. */
export const localPrincipal: Principal = { name: "local", role: "admin", scope: { clients: "all" } };

/** Who asks at an operation that is open to all. */
export const anonymousPrincipal: Principal = { name: "anonymous", role: "viewer", scope: { clients: [] } };

export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  return async (request) => {
    const header = request.headers.authorization;
    if (header !== undefined) {
      // A header of another form is an attempt too: it must not pass as nobody.
      const principal = await principalOf(/^Bearer +(\S+)$/i.exec(header.trim())?.[1] ?? "", options.lookup);
      if (principal === undefined) throw new Problem("invalid-token");
      return principal;
    }
    const session = sessionOf(request);
    const principal = session === undefined ? undefined : await principalOf(session, options.lookup);
    if (principal !== undefined) return principal;
    return !options.tokensRequired && isLoopback(request.socket.remoteAddress) ? localPrincipal : undefined;
  };
}

/** The principal of a token that somebody typed or sent, by any interface. */
export async function principalOf(token: string, lookup: TokenLookup): Promise<Principal | undefined> {
  if (!isTokenText(token)) return undefined;
  const hash = hashToken(token);
  const found = await lookup(hash);
  return found !== undefined && sameHash(found.hash, hash) ? found.principal : undefined;
}

/** True for addresses that only this machine can connect from. */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.replace(/^::ffff:/i, "");
  return plain === "::1" || /^127\.\d+\.\d+\.\d+$/.test(plain);
}

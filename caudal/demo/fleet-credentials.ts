import type { Principal } from "@caudal/core";
import { createToken, hashToken, sameHash } from "@caudal/runtime";
import { DEMO_CLIENT } from "./demo-note.ts";

/** What the demo fleet shows the broker of its own process, where that asks everybody for a token: known to nobody else and gone with the process. */
export interface FleetCredentials {
  readonly username: string;
  readonly password: string;
  /** The fleet when the password is its own. */
  principalOf(password: string): Principal | undefined;
}

const fleetPrincipal: Principal = { name: "demo fleet", role: "device", scope: { clients: [DEMO_CLIENT] } };

export function createFleetCredentials(): FleetCredentials {
  const { token, hash } = createToken();
  return {
    username: DEMO_CLIENT,
    password: token,
    principalOf: (password) => (sameHash(hashToken(password), hash) ? fleetPrincipal : undefined),
  };
}

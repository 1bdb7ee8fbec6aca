import { hex } from "../seed/hash.ts";
import type { ProviderId } from "./device.ts";

/** What an account signs in with. All of it is made up from the seed and opens nothing but the sandbox. */
export function accountSecrets(seed: string, provider: ProviderId): Readonly<Record<string, string>> {
  const of = (what: string, length = 20): string => hex(`${seed}/${provider}/${what}`, length);
  switch (provider) {
    case "tdata":
    case "thingsboard":
      return { username: `operador@${provider}.example`, password: `sandbox-${of("password")}` };
    case "things-stack":
      return { apiKey: `NNSXS.SANDBOX${of("key", 24).toUpperCase()}` };
    case "wiseconn":
      return { apiKey: `sandbox-${of("key")}` };
    case "ubidots":
      return { token: `BBUS-${of("token", 30)}` };
    case "hidronet":
      return { clientId: `sandbox-${of("client", 8)}`, clientSecret: `sandbox-${of("secret", 24)}` };
    case "thethings-io":
    case "tagoio":
      return {};
  }
}

export function deviceSecrets(seed: string, provider: ProviderId, index: number): Readonly<Record<string, string>> {
  const token = hex(`${seed}/${provider}/device/${index}`, 48);
  if (provider === "thethings-io") return { token: `sbx-${token.slice(0, 39)}` };
  if (provider === "tagoio") return { token: `${token.slice(0, 8)}-${token.slice(8, 12)}-${token.slice(12, 16)}-${token.slice(16, 20)}-${token.slice(20, 32)}` };
  return {};
}

/** A credential as logs and pages show it: enough to tell two apart, not enough to use. */
export function masked(credential: string): string {
  return credential === "" ? "" : `${credential.slice(0, 4)}…${hex(credential, 6)}`;
}

import { createHmac, timingSafeEqual } from "node:crypto";
import { hex, unit, whole } from "../seed/hash.ts";
import type { ProviderId } from "../fleet/device.ts";
import type { Switches } from "../quirks/switches.ts";

interface Claims {
  readonly sub: string;
  readonly provider: ProviderId;
  readonly kind: "access" | "refresh";
  readonly iat: number;
  readonly exp: number;
  readonly jti: number;
}

/** Signed three-part tokens. Nothing is kept of them but how many there were. */
export class Tokens {
  readonly #secret: string;
  readonly #seed: string;
  readonly #switches: Switches;
  #count = 0;

  constructor(seed: string, switches: Switches) {
    this.#seed = seed;
    this.#secret = hex(`${seed}/jwt`, 64);
    this.#switches = switches;
  }

  issue({ account, provider, kind, nowMs, lifeS }: { readonly account: string; readonly provider: ProviderId; readonly kind: "access" | "refresh"; readonly nowMs: number; readonly lifeS: number }): string {
    const iat = Math.floor(nowMs / 1000);
    const claims: Claims = { sub: account, provider, kind, iat, exp: iat + lifeS, jti: ++this.#count };
    const signed = `${base64({ alg: "HS256", typ: "JWT" })}.${base64(claims)}`;
    return `${signed}.${this.#sign(signed)}`;
  }

  /** The account's id, "expired", or undefined for what is no token of this provider and kind. */
  read(token: string, { provider, kind, nowMs }: { readonly provider: ProviderId; readonly kind: Claims["kind"]; readonly nowMs: number }): { readonly account: string } | "expired" | undefined {
    const [head, body, signature] = token.split(".");
    if (head === undefined || body === undefined || signature === undefined || !same(this.#sign(`${head}.${body}`), signature)) return undefined;
    const claims = JSON.parse(Buffer.from(body, "base64url").toString()) as Claims;
    if (claims.provider !== provider || claims.kind !== kind) return undefined;
    return nowMs >= this.#endsMs(claims) ? "expired" : { account: claims.sub };
  }

  #endsMs({ provider, kind, iat, exp, jti }: Claims): number {
    const name = `${this.#seed}/${provider}/token-dies-early`;
    const share = kind === "access" ? this.#switches.share(provider, "token-dies-early", iat * 1000) : 0;
    return share > 0 && unit(name, jti) < share ? (iat + whole({ from: 30, to: 600 }, `${name}/at`, jti)) * 1000 : exp * 1000;
  }

  #sign(text: string): string {
    return createHmac("sha256", this.#secret).update(text).digest("base64url");
  }
}

function base64(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** In constant time. */
export function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

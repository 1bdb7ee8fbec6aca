import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** How a caller proves itself; any one of its secrets will do. */
export type Proof =
  | { readonly by: "token"; readonly header: string; readonly secrets: readonly string[] }
  | { readonly by: "basic"; readonly user: string; readonly secrets: readonly string[] }
  | { readonly by: "hmac"; readonly header: string; readonly algorithm: "sha256" | "sha512"; readonly encoding: "hex" | "base64"; readonly prefix: string; readonly secrets: readonly string[] };

/** True when the request shows what it must. Takes the same time wherever a secret differs. */
export function proves(proof: Proof, headers: IncomingHttpHeaders, raw: Uint8Array): boolean {
  if (proof.by === "hmac") return signed(proof, headers[proof.header], raw);
  const shown = proof.by === "token" ? bearing(headers[proof.header]) : basicOf(headers.authorization);
  if (shown === undefined) return false;
  return anyOf(proof.secrets.map((secret) => same(shown, proof.by === "token" ? secret : `${proof.user}:${secret}`)));
}

function signed({ algorithm, encoding, prefix, secrets }: Proof & { readonly by: "hmac" }, written: string | string[] | undefined, raw: Uint8Array): boolean {
  if (typeof written !== "string" || !written.startsWith(prefix)) return false;
  const given = Buffer.from(written.slice(prefix.length).trim(), encoding);
  return anyOf(secrets.map((secret) => {
    const digest = createHmac(algorithm, secret).update(raw).digest();
    return given.length === digest.length && timingSafeEqual(given, digest);
  }));
}

/** `Authorization: Bearer …` and the bare secret in a header of its own. */
function bearing(written: string | string[] | undefined): string | undefined {
  if (typeof written !== "string") return undefined;
  return /^Bearer +(\S+)$/i.exec(written.trim())?.[1] ?? written.trim();
}

function basicOf(written: string | undefined): string | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(written?.trim() ?? "")?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString("utf8");
}

/** Over hashes, so that lengths tell nothing either. */
function same(a: string, b: string): boolean {
  return timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());
}

/** Without an early end. */
function anyOf(results: readonly boolean[]): boolean {
  return results.reduce((found, result) => found || result, false);
}

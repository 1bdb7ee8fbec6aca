import { createHmac, timingSafeEqual } from "node:crypto";

const GOOD_FOR_MS = 24 * 3_600_000;

/** Tokens that are good for 24 hours by the sandbox's clock. They say all that is needed, so a restart takes them as before. */
export function tokenFor(seed: string, usuario: string, nowMs: number): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const head = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: usuario, exp: Math.floor((nowMs + GOOD_FOR_MS) / 1000) })}`;
  return `${head}.${signed(seed, head)}`;
}

export function isGoodToken(seed: string, token: string, nowMs: number): boolean {
  const [header = "", claims = "", signature = ""] = token.split(".");
  const expected = Buffer.from(signed(seed, `${header}.${claims}`));
  const given = Buffer.from(signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return false;
  const { exp } = JSON.parse(Buffer.from(claims, "base64url").toString("utf8")) as { exp: number };
  return exp * 1000 > nowMs;
}

function signed(seed: string, text: string): string {
  return createHmac("sha256", `${seed}/sma/tokens`).update(text).digest("base64url");
}

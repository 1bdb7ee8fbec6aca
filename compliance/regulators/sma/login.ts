import { createHash } from "node:crypto";
import { objectOf, shown } from "../answer-text.ts";
import type { Credentials } from "../regulator.ts";
import type { Exchanged, Wire } from "../wire.ts";

/** A token is good for 24 h; a call that begins in its last minute might outlive it. */
const GOOD_FOR_US = (24 * 60 - 1) * 60_000_000;
const MOST_USERS = 1000;

/** refused: user and password are wrong; failed: nobody knows, and nothing was sent of a measurement either way. */
export type Login = { readonly kind: "in"; readonly token: string } | { readonly kind: "refused" | "failed"; readonly status: number | null; readonly message: string; readonly tookMs: number };

/** Tokens of users. However many calls need one at once, one login is made; a login that failed is not remembered. */
export class Logins {
  readonly #tokens = new Map<string, { readonly token: string; readonly sinceUs: number }>();
  readonly #running = new Map<string, Promise<Login>>();
  readonly #wire: Wire;
  readonly #timeoutMs: number;

  constructor(wire: Wire, timeoutMs: number) {
    this.#wire = wire;
    this.#timeoutMs = timeoutMs;
  }

  async token(credentials: Credentials, nowUs: () => number): Promise<Login> {
    const key = keyOf(credentials);
    const known = this.#tokens.get(key);
    if (known !== undefined && nowUs() - known.sinceUs < GOOD_FOR_US) return { kind: "in", token: known.token };
    const running = this.#running.get(key) ?? this.#login(key, credentials, nowUs).finally(() => this.#running.delete(key));
    this.#running.set(key, running);
    return running;
  }

  /** The service does not take the token any more. A newer one stays. */
  drop(credentials: Credentials, token: string): void {
    const key = keyOf(credentials);
    if (this.#tokens.get(key)?.token === token) this.#tokens.delete(key);
  }

  async #login(key: string, { user, password }: Credentials, nowUs: () => number): Promise<Login> {
    const sinceUs = nowUs();
    // Others may wait for the same login, so no one caller's leaving ends it.
    const exchanged = await this.#wire.exchange(
      { method: "POST", path: "/api/v1/auth", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ usuario: user, password }) },
      { timeoutMs: this.#timeoutMs, signal: new AbortController().signal },
    );
    const token = tokenOf(exchanged);
    if (token === undefined) return refusal(exchanged);
    if (this.#tokens.size >= MOST_USERS) this.#tokens.clear();
    this.#tokens.set(key, { token, sinceUs });
    return { kind: "in", token };
  }
}

/** A password that was changed is another user, and is never a key itself. */
function keyOf({ user, password }: Credentials): string {
  return createHash("sha256").update(JSON.stringify([user, password])).digest("hex");
}

function tokenOf(exchanged: Exchanged): string | undefined {
  if (exchanged.kind === "failed" || (exchanged.answer.status !== 200 && exchanged.answer.status !== 201)) return undefined;
  const token = objectOf(exchanged.answer.body)?.["token"];
  // It goes into a header as it is.
  return typeof token === "string" && /^[\x21-\x7e]+$/.test(token) ? token : undefined;
}

function refusal(exchanged: Exchanged): Login {
  if (exchanged.kind === "failed") return { kind: "failed", status: exchanged.status, message: exchanged.why, tookMs: exchanged.tookMs };
  const { answer: { status, body }, tookMs } = exchanged;
  const said = objectOf(body);
  const isRefusal = status === 400 || status === 401 || (status === 403 && said !== undefined);
  return { kind: isRefusal ? "refused" : "failed", status, message: shown(typeof said?.["mensaje"] === "string" ? said["mensaje"] : body), tookMs };
}

import type { Credentials, FrozenPayload, Regulator, SendResult } from "../regulator.ts";
import { sendResult } from "../send-result.ts";
import { createWire, type Exchanged } from "../wire.ts";
import { outcomeOf } from "./answer.ts";
import { Logins, type Login } from "./login.ts";
import { freeze } from "./payload.ts";

/**
 * The SMA's API. A call whose token is not taken (401) was not looked at, so it is made once more after one login. Where no login succeeds nothing of the measurement has left:
 * that is a refusal, not an unknown.
 */
export function createSma(baseUrl: string | undefined, { postTimeoutMs }: { readonly postTimeoutMs: number }): Regulator {
  const wire = createWire(baseUrl);
  const logins = new Logins(wire, postTimeoutMs);

  function post({ path, headers, body }: FrozenPayload, token: string, signal: AbortSignal): Promise<Exchanged> {
    return wire.exchange({ method: "POST", path, headers: { ...headers, "Authorization": `Bearer ${token}`, "Content-Type": "application/json" }, body }, { timeoutMs: postTimeoutMs, signal });
  }

  function tokenFor(credentials: Credentials, nowUs: () => number, signal: AbortSignal): Promise<Login> {
    const gone = Promise.withResolvers<Login>();
    const left = (): void => gone.resolve({ kind: "failed", status: null, message: "aborted", tookMs: 0 });
    if (signal.aborted) left();
    signal.addEventListener("abort", left, { once: true });
    return Promise.race([logins.token(credentials, nowUs), gone.promise]).finally(() => signal.removeEventListener("abort", left));
  }

  return {
    name: "sma",
    answersDuplicates: false,
    sends: baseUrl !== undefined,
    verifies: false,
    freeze,
    async send(payload, { credentials, nowUs, signal }) {
      const secrets = [credentials.password];
      for (let again = false; ; again = true) {
        const login = await tokenFor(credentials, nowUs, signal);
        if (login.kind !== "in") return withoutLogin(login, secrets);
        secrets.push(login.token);
        const exchanged = await post(payload, login.token, signal);
        if (exchanged.kind === "failed" && !exchanged.mayHaveArrived) return withoutLogin({ kind: "failed", status: null, message: exchanged.why, tookMs: exchanged.tookMs }, secrets);
        if (exchanged.kind === "answered" && exchanged.answer.status === 401) {
          logins.drop(credentials, login.token);
          if (!again) continue;
        }
        return sendResult(exchanged, outcomeOf, secrets);
      }
    },
    // Its API gives nothing back: the receipt is all there is.
    verify: () => Promise.resolve({ kind: "unknown", message: "not-offered" }),
  };
}

function withoutLogin({ kind, status, message, tookMs }: Exclude<Login, { kind: "in" }>, secrets: readonly string[]): SendResult {
  const code = kind === "refused" ? "login" : "not-sent";
  const outcome = { kind: "refused", permanent: kind === "refused", code, message } as const;
  return { ...sendResult({ kind: "answered", answer: { status: 0, body: message }, tookMs }, () => outcome, secrets), httpStatus: status };
}

import { isObject, member } from "../../decode/object-reader.ts";
import { badPayload, readJsonAnswer } from "../answer-json.ts";
import type { Answer, Failure, Login, ProviderRequest } from "../provider.ts";

const LOGIN_TIMEOUT_MS = 5000;

/** Login with user and password for a bearer token (JWT), which ends exactly when its `exp` says. */
export function passwordLogin<S>({ path, header }: { readonly path: string; readonly header: string }): Login<S> {
  return {
    request: (_settings, { username, password }): ProviderRequest => ({ method: "POST", path, json: { username, password }, timeoutMs: LOGIN_TIMEOUT_MS }),
    token: tokenOf,
    apply: (request, token) => ({ ...request, headers: { ...request.headers, [header]: `Bearer ${token}` } }),
  };
}

function tokenOf(answer: Answer): { readonly token: string; readonly expiresAtUs: number | undefined } | Failure {
  const json = readJsonAnswer(answer);
  if (!json.ok) return json.failure;
  if (!isObject(json.value)) return badPayload(answer, "a login answers with an object").failure;
  const token = member(json.value, "token");
  if (typeof token !== "string" || token.trim() === "") return { kind: "auth_failed", detail: "the login's answer has no token", status: answer.status };
  return { token, expiresAtUs: expiryOf(token) };
}

/** Undefined when the token does not say: the collector then decides how long to trust it. */
function expiryOf(token: string): number | undefined {
  const payload = token.split(".")[1];
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    const exp = isObject(claims) ? member(claims, "exp") : undefined;
    const expiresAtUs = typeof exp === "number" ? Math.floor(exp * 1e6) : NaN;
    return Number.isSafeInteger(expiresAtUs) && expiresAtUs > 0 ? expiresAtUs : undefined;
  } catch {
    return undefined;
  }
}

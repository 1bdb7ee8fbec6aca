import { CaudalError, parseInstant } from "@caudal/core";
import { isObject } from "../../decode/object-reader.ts";
import { parseJson } from "../../decode/json-rows.ts";
import type { Answer, Failure, Login, ProviderRequest } from "../provider.ts";
import { basic, type LoginAuth, type OauthAuth } from "./authentication.ts";
import type { HttpJsonSettings } from "./block.ts";
import { fillJson, fillText } from "./template.ts";

type Secrets = Readonly<Record<string, string>>;
interface Token {
  readonly token: string;
  readonly expiresAtUs: number | undefined;
}

/** How this block logs in; undefined where its requests carry their own credentials. */
export function loginOf({ auth }: HttpJsonSettings): Login<HttpJsonSettings> | undefined {
  if (auth.kind === "login") return { request: (_, secrets) => loginRequest(auth, secrets), token: (answer, nowUs) => loginToken(auth, answer, nowUs), apply: (request, token) => withHeader(request, auth.header, auth.prefix + token) };
  if (auth.kind === "oauth2") return { request: (_, secrets) => oauthRequest(auth, secrets), token: oauthToken, apply: (request, token) => withHeader(request, "authorization", `Bearer ${token}`) };
  return undefined;
}

/** The secret of a name. CaudalError "setting" when the account has none, which the file's reader reports before anything is asked. */
export function secretIn(secrets: Secrets): (name: string) => string {
  return (name) => {
    const secret = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
    if (secret === undefined) throw new CaudalError("setting", `the account has no secret named ${name}`);
    return secret;
  };
}

function loginRequest(auth: LoginAuth, secrets: Secrets): ProviderRequest {
  const values = { device: "", variables: [], limit: 0, secret: secretIn(secrets) };
  const filled = (texts: Readonly<Record<string, string>>): Record<string, string> => Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fillText(text, values)]));
  return {
    method: "POST", path: auth.path, headers: { accept: "application/json", ...filled(auth.headers) },
    ...(auth.form === undefined ? { json: fillJson(auth.json ?? {}, values) } : { form: filled(auth.form) }),
  };
}

function loginToken(auth: LoginAuth, answer: Answer, nowUs: number): Token | Failure {
  const body = jsonOf(answer);
  const token = body === undefined ? undefined : auth.token.first(body);
  if (typeof token !== "string" || token === "") return noToken(answer, auth.token.text);
  return { token, expiresAtUs: expiryOf(auth, { body, token, nowUs }) };
}

function expiryOf({ expires }: LoginAuth, { body, token, nowUs }: { readonly body: unknown; readonly token: string; readonly nowUs: number }): number | undefined {
  if (expires === undefined) return undefined;
  if ("seconds" in expires) return nowUs + expires.seconds * 1e6;
  if ("jwt" in expires) return jwtExpiry(token);
  const value = expires.path.first(body);
  if (expires.format === "iso") return typeof value === "string" ? parseInstant(value) : undefined;
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number) || number <= 0) return undefined;
  return expires.format === "seconds" ? nowUs + Math.floor(number * 1e6) : Math.floor(number * (expires.format === "epoch-s" ? 1e6 : 1e3));
}

/** The end that a JSON web token names itself. Its signature is its issuer's business: we only hand it back. */
function jwtExpiry(token: string): number | undefined {
  const claims = parseJson(Buffer.from(token.split(".")[1] ?? "", "base64url"));
  const seconds = claims.ok && isObject(claims.value) ? claims.value["exp"] : undefined;
  return typeof seconds === "number" && Number.isFinite(seconds) ? Math.floor(seconds * 1e6) : undefined;
}

function oauthRequest(auth: OauthAuth, secrets: Secrets): ProviderRequest {
  const secret = secretIn(secrets);
  const [id, password] = [secret(auth.clientIdRef), secret(auth.clientSecretRef)];
  const asked = { grant_type: "client_credentials", ...(auth.scope === undefined ? {} : { scope: auth.scope }), ...(auth.audience === undefined ? {} : { audience: auth.audience }) };
  const headers = { accept: "application/json" };
  if (auth.credentials === "form") return { method: "POST", path: auth.path, headers, form: { ...asked, client_id: id, client_secret: password } };
  // RFC 6749 2.3.1: both halves are form-encoded before they are joined.
  return { method: "POST", path: auth.path, headers: { ...headers, authorization: basic(encodeURIComponent(id), encodeURIComponent(password)) }, form: asked };
}

function oauthToken(answer: Answer, nowUs: number): Token | Failure {
  const body = jsonOf(answer);
  const token = isObject(body) ? body["access_token"] : undefined;
  if (!isObject(body) || typeof token !== "string" || token === "") return noToken(answer, "access_token");
  const seconds = Number(body["expires_in"]);
  return { token, expiresAtUs: Number.isFinite(seconds) && seconds > 0 ? nowUs + Math.floor(seconds * 1e6) : undefined };
}

function jsonOf({ body }: Answer): unknown {
  const json = parseJson(body);
  return json.ok ? json.value : undefined;
}

function noToken({ status }: Answer, where: string): Failure {
  return { kind: "auth_failed", detail: `the login answered ${status} without a token at ${where}`, status };
}

function withHeader(request: ProviderRequest, name: string, value: string): ProviderRequest {
  return { ...request, headers: { ...request.headers, [name.toLowerCase()]: value } };
}

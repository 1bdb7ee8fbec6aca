import { z } from "zod";
import { compilePath, type JsonPath } from "./json-path.ts";

/** A path in a block, checked when the file is read. */
export const pathField: z.ZodType<JsonPath, string> = z.string().transform((text, context) => {
  try {
    return compilePath(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : "expected a JSONPath such as $.data[*]" });
    return z.NEVER;
  }
});

/** A secret's name in the account, never the secret. */
export const secretName = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, "expected the name of a secret of the account (letters, digits, _ and -), not the secret itself");
const headerName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "expected the name of a header");
const texts = z.record(z.string(), z.string());
const loginPath = z.string().regex(/^(?:\/(?!\/)|https:\/\/[^\s/@]+\/)/, "expected a path below the base URL, beginning with one /, or an https URL of the host that gives out tokens");

const expiry = z.union([
  z.strictObject({ path: pathField, format: z.enum(["seconds", "epoch-s", "epoch-ms", "iso"]) }),
  z.strictObject({ seconds: z.number().positive().max(31_536_000) }),
  z.strictObject({ jwt: z.literal(true) }),
]);

const loginAuth = z.strictObject({
  kind: z.literal("login"),
  path: loginPath,
  json: z.unknown().optional(),
  form: texts.optional(),
  headers: texts.default({}),
  token: pathField.default(compilePath("$.token")),
  expires: expiry.optional(),
  header: headerName.default("Authorization"),
  prefix: z.string().default("Bearer "),
});

const oauthAuth = z.strictObject({
  kind: z.literal("oauth2"),
  path: loginPath,
  clientIdRef: secretName,
  clientSecretRef: secretName,
  scope: z.string().min(1).optional(),
  audience: z.string().min(1).optional(),
  credentials: z.enum(["basic", "form"]).default("basic"),
});

export const authField = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({ kind: z.literal("basic"), user: z.string().min(1).optional(), userRef: secretName.optional(), passwordRef: secretName }),
  z.strictObject({ kind: z.literal("bearer"), secretRef: secretName }),
  z.strictObject({ kind: z.literal("header"), name: headerName, secretRef: secretName, prefix: z.string().default("") }),
  z.strictObject({ kind: z.literal("query"), name: z.string().min(1), secretRef: secretName }),
  loginAuth,
  oauthAuth,
]);

export type Auth = z.output<typeof authField>;
export type LoginAuth = z.output<typeof loginAuth>;
export type OauthAuth = z.output<typeof oauthAuth>;
type SecretOf = (name: string) => string;

/** Headers and query parameters that carry the credential; what a login brings is put on by the collector. */
export function credentialsOf(auth: Auth, secret: SecretOf): { readonly headers: Readonly<Record<string, string>>; readonly query: readonly (readonly [string, string])[] } {
  switch (auth.kind) {
    case "basic": {
      const user = auth.userRef === undefined ? (auth.user ?? "") : secret(auth.userRef);
      return { headers: { authorization: basic(user, secret(auth.passwordRef)) }, query: [] };
    }
    case "bearer":
      return { headers: { authorization: `Bearer ${secret(auth.secretRef)}` }, query: [] };
    case "header":
      return { headers: { [auth.name.toLowerCase()]: `${auth.prefix}${secret(auth.secretRef)}` }, query: [] };
    case "query":
      return { headers: {}, query: [[auth.name, secret(auth.secretRef)]] };
    default:
      return { headers: {}, query: [] };
  }
}

/** Value of an Authorization header of the Basic kind. */
export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, "utf8").toString("base64")}`;
}

/** Secrets that the kind itself names; those in braces of its texts come with the templates. */
export function secretsOfAuth(auth: Auth): readonly string[] {
  switch (auth.kind) {
    case "basic": return auth.userRef === undefined ? [auth.passwordRef] : [auth.userRef, auth.passwordRef];
    case "bearer": case "header": case "query": return [auth.secretRef];
    case "oauth2": return [auth.clientIdRef, auth.clientSecretRef];
    default: return [];
  }
}

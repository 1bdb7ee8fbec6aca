import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { CaudalError } from "@caudal/core";
import { z } from "zod";
import { checkedYaml } from "../checked-yaml.ts";
import type { FormatOptions } from "../decode/decoded.ts";
import { isClientId } from "../edge/client-resolver.ts";
import type { SecretResolver } from "../providers/account.ts";
import { isWebhookKind, webhookKinds, type WebhookKind } from "./webhook-kinds.ts";
import type { Proof } from "./proof.ts";

/** A network that may call `POST /api/v1/webhooks/{kind}/{client}`. */
export interface Webhook {
  readonly kind: WebhookKind;
  readonly client: string;
  readonly proof: Proof;
  /** Calls a second, over a burst of ten seconds' worth. */
  readonly perS: number;
  readonly options: FormatOptions;
}

const reference = z.string().regex(/^(env:[A-Za-z_]\w*|file:\/.+)$/, "a secret is a reference: env:NAME or file:/path");
/** Two at a time, while one is changed for another. */
const secret = z.union([reference, z.array(reference).min(1).max(4)]);
const texts = z.record(z.string(), z.string());
const rowSchema = z.strictObject({
  kind: z.string().refine(isWebhookKind, `expected one of ${webhookKinds.join(", ")}`),
  client: z.string().refine(isClientId, "expected a client: a-z, 0-9 and dashes"),
  token: z.strictObject({ header: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, "expected the name of a header"), secret }).optional(),
  basic: z.strictObject({ user: z.string().min(1), secret }).optional(),
  hmac: z.strictObject({ header: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, "expected the name of a header"), algorithm: z.enum(["sha256", "sha512"]).default("sha256"), encoding: z.enum(["hex", "base64"]).default("hex"), prefix: z.string().default(""), secret }).optional(),
  perS: z.number().positive().max(10_000).default(100),
  units: texts.optional(), keys: texts.optional(), decoder: z.string().optional(), profiles: texts.optional(), ports: texts.optional(),
});
const fileSchema = z.strictObject({ webhooks: z.array(rowSchema).max(1000).nullable() });
type Row = z.output<typeof rowSchema>;

/** `config/webhooks.yaml`, wherever the program was started from. */
export const shippedWebhookFile = fileURLToPath(new URL("../../config/webhooks.yaml", import.meta.url));

/** Reads the file and its secrets. CaudalError "setting" names the file, the row and what is wrong with it; a secret's value never stands in it. */
export async function readWebhookFile(path: string, secrets: SecretResolver): Promise<readonly Webhook[]> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new CaudalError("setting", `${path} cannot be read`, { cause });
  });
  return parseWebhooks(text, secrets, path);
}

/** The rows of such a file's text; `name` stands in errors. */
export async function parseWebhooks(text: string, secrets: SecretResolver, name = "webhooks.yaml"): Promise<readonly Webhook[]> {
  const { webhooks } = checkedYaml(text, name, fileSchema);
  const found: Webhook[] = [];
  for (const row of webhooks ?? []) {
    if (found.some(({ kind, client }) => kind === row.kind && client === row.client)) throw new CaudalError("setting", `${name}: ${row.kind} of ${row.client} stands there twice`);
    found.push(await webhookOf(row, secrets, name));
  }
  return found;
}

async function webhookOf(row: Row, secrets: SecretResolver, file: string): Promise<Webhook> {
  const { kind, client, token, basic, hmac, perS, units, keys, decoder, profiles, ports } = row;
  const wrong = (what: string): CaudalError => new CaudalError("setting", `${file}: ${kind} of ${client}: ${what}`);
  if ([token, basic, hmac].filter((one) => one !== undefined).length !== 1) throw wrong("says how it proves itself in one of token, basic and hmac");
  const resolved = async (written: string | string[]): Promise<readonly string[]> => Promise.all([written].flat().map(async (one) => {
    const value = await secrets(one);
    if (value === undefined || value === "") throw wrong(`${one} holds no secret`);
    return value;
  }));
  const proof: Proof = token !== undefined ? { by: "token", header: token.header.toLowerCase(), secrets: await resolved(token.secret) }
    : basic !== undefined ? { by: "basic", user: basic.user, secrets: await resolved(basic.secret) }
      : hmac !== undefined ? { by: "hmac", header: hmac.header.toLowerCase(), algorithm: hmac.algorithm, encoding: hmac.encoding, prefix: hmac.prefix, secrets: await resolved(hmac.secret) }
        : (() => { throw wrong("says nothing of how it proves itself"); })();
  const options: FormatOptions = {
    ...(units === undefined ? {} : { units }), ...(keys === undefined ? {} : { keys }), ...(decoder === undefined ? {} : { decoder }),
    ...(profiles === undefined ? {} : { profiles }), ...(ports === undefined ? {} : { ports }),
  };
  return { kind: kind as WebhookKind, client, proof, perS, options };
}

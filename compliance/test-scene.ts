import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Documents, Role } from "@caudal/core";
import { createToken, createAuthenticate, createHealth, createHttpServer, createLogger, createMetrics, type Operation, type TokenLookup } from "@caudal/runtime";
import { openEmbeddedDocuments } from "@caudal/embedded";
import { CredentialStore } from "./credentials/credential-store.ts";
import { createLiveGate } from "./credentials/live-gate.ts";
import { credentialOperations } from "./credentials/operations.ts";
import { secretsKey, type SecretsKey } from "./credentials/secrets-key.ts";
import { ObraBook } from "./obras/obra-book.ts";
import { obraOperations } from "./obras/operations.ts";
import type { InstallationMode } from "./settings.ts";

/** JSON of an answer, to be looked into freely. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers of the API are looked into field by field
export type Body = any;

export interface Answer {
  readonly status: number;
  /** Undefined where the answer was not JSON. */
  readonly body: Body;
  readonly text: string;
  readonly headers: Headers;
}

export interface CallOptions {
  readonly body?: unknown;
  /** A body as it is; then `type` is its content type. */
  readonly raw?: string;
  readonly type?: string;
  readonly token?: string;
  readonly language?: string;
}

/** What other folders' operations are made from. */
export interface SceneParts {
  readonly folder: string;
  readonly documents: Documents;
  readonly obras: ObraBook;
  readonly credentials: CredentialStore;
  readonly clock: { atUs: number };
  nowUs(): number;
}

/** Works and passwords over a real embedded store, behind a real server on loopback. Without a token the caller is the machine's own administrator. */
export interface Scene extends SceneParts {
  readonly key: SecretsKey;
  readonly baseUrl: string;
  /** Every line that was logged, at level debug. */
  readonly lines: readonly string[];
  /** `path` goes on behind `/api/v1/compliance`. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  token(role: Role, clients: "all" | readonly string[]): string;
  close(): Promise<void>;
}

export interface SceneOptions {
  /** Another store than an embedded one of the scene's own; whoever gave it closes it. */
  readonly documents?: Documents;
  readonly mode?: InstallationMode;
  /** Operations beside those of works and passwords. */
  readonly more?: (parts: SceneParts) => Promise<readonly Operation[]> | readonly Operation[];
}

const PREFIX = "/api/v1/compliance";

export async function openScene({ mode = "sandbox", more = () => [], documents: given }: SceneOptions = {}): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-compliance-"));
  const documents = given ?? (await openEmbeddedDocuments({ directory: folder }));
  const clock = { atUs: 1_780_000_000_000_000 };
  const nowUs = (): number => clock.atUs;
  const key = secretsKey(randomBytes(32));
  const credentials = await CredentialStore.open(documents, key);
  const obras = await ObraBook.open(documents, nowUs, { liveGate: createLiveGate({ mode, credentials }) });
  const parts: SceneParts = { folder, documents, obras, credentials, clock, nowUs };
  const lines: string[] = [];
  const logger = createLogger({ level: "debug", destination: { write: (line: string) => void lines.push(line) } });
  const tokens = new Map<string, NonNullable<Awaited<ReturnType<TokenLookup>>>>();
  const server = createHttpServer({
    host: "127.0.0.1", port: 0, health: createHealth(), metrics: createMetrics({ process: false }), logger,
    operations: [...obraOperations({ obras }), ...credentialOperations({ credentials, nowUs, logger }), ...await more(parts)],
    authenticate: createAuthenticate({ lookup: async (hash) => tokens.get(hash), tokensRequired: false }),
  });
  await server.start();
  const baseUrl = `http://127.0.0.1:${server.address().port}`;
  return {
    ...parts, key, baseUrl, lines,
    call: async (method, path, { body, raw, type, token, language } = {}) => {
      const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
      const response = await fetch(`${baseUrl}${PREFIX}${path}`, {
        method, ...(sent === undefined ? {} : { body: sent }),
        headers: {
          ...(sent === undefined ? {} : { "content-type": type ?? "application/json" }), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(language === undefined ? {} : { "accept-language": language }),
        },
      });
      const text = await response.text();
      const json = (response.headers.get("content-type") ?? "").includes("json");
      return { status: response.status, headers: response.headers, text, body: json && text !== "" ? JSON.parse(text) : undefined };
    },
    token: (role, clients) => {
      const { token, hash } = createToken();
      tokens.set(hash, { hash, principal: { name: `${role}-${tokens.size}`, role, scope: { clients } } });
      return token;
    },
    close: async () => {
      await server.stop(1000);
      if (given === undefined) await documents.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

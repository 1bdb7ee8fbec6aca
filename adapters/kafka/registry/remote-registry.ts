import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { setTimeout as wait } from "node:timers/promises";
import { COMPATIBILITY, SchemaRegistry as ConfluentClient, SchemaType } from "@kafkajs/confluent-schema-registry";
import { CaudalError, type Tell } from "@caudal/core";
import type { RegistryAddress } from "./address.ts";
import { watchAnswers, type FetchedSchemas } from "./watch-answers.ts";

/** What a registry of several nodes needs to tell all of them of a new id. */
const DENIAL_MS = 250;
/** Apicurio calls it a conflict too when two processes register the first schema of a subject at once: a real one stays. */
const CONFLICT_PAUSES_MS: readonly number[] = [20, 100];
const REFUSED: readonly number[] = [409, 422];
const CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";

/** A registry over HTTP, each call one question. */
export class RemoteRegistry {
  readonly #address: RegistryAddress;
  readonly #agent: HttpAgent;
  readonly #client: ConfluentClient;
  readonly #fetched: FetchedSchemas = new Map();
  readonly #requestMs: number;
  readonly #tell: Tell;

  constructor(address: RegistryAddress, requestMs: number, tell: Tell) {
    this.#address = address;
    this.#requestMs = requestMs;
    this.#tell = tell;
    const options = { keepAlive: true, maxSockets: 4 };
    this.#agent = address.base.startsWith("https:") ? new HttpsAgent(options) : new HttpAgent(options);
    this.#client = new ConfluentClient({
      host: address.base, clientId: "caudal", agent: this.#agent, retry: { retries: 0 }, middlewares: [watchAnswers(this.#fetched, requestMs)], ...(address.auth === undefined ? {} : { auth: address.auth }),
    });
  }

  get place(): string {
    return this.#address.base;
  }

  /**
   * The id of the schema under the subject, which then demands FULL_TRANSITIVE; the same for the same text however often and from wherever it is asked.
   * CaudalError "bad-request" when the registry refuses the schema, "unavailable" when it cannot be asked, "setting" when it refuses us.
   */
  async register(subject: string, schema: string): Promise<number> {
    for (const pauseMs of CONFLICT_PAUSES_MS) {
      try {
        return await this.#registerOnce(subject, schema);
      } catch (error) {
        if (!(error instanceof CaudalError) || statusOf(error.cause) !== 409) throw error;
        await wait(pauseMs);
      }
    }
    return this.#registerOnce(subject, schema);
  }

  /** The schema of an id; undefined when the registry denies it, or has something that is no Avro there. */
  async fetch(id: number): Promise<string | undefined> {
    try {
      await this.#client.getSchema(id);
    } catch (error) {
      // What was answered counts, even if the client can make nothing of it.
      if (!this.#fetched.has(id)) {
        if (statusOf(error) === 404) return this.#fetchDenied(id);
        throw this.#failure(error, `id ${id}`);
      }
    }
    const found = this.#fetched.get(id);
    this.#fetched.delete(id);
    if (found === undefined) throw this.#unavailable(`gave no schema for id ${id}`);
    return found.type === "AVRO" ? found.schema : undefined;
  }

  close(): void {
    this.#agent.destroy();
  }

  async #registerOnce(subject: string, schema: string): Promise<number> {
    try {
      await this.#demandCompatibility(subject);
      const { id } = await this.#client.register({ type: SchemaType.AVRO, schema }, { subject, compatibility: COMPATIBILITY.FULL_TRANSITIVE });
      if (Number.isSafeInteger(id) && id > 0) return id;
      throw this.#unavailable(`gave the id ${JSON.stringify(id)} for subject ${subject}`);
    } catch (error) {
      throw this.#failure(error, `subject ${subject}`);
    }
  }

  /** Asks once more, for a denial parks records; and only the registry's own "no such schema" is one, not any page that is not found. */
  async #fetchDenied(id: number): Promise<string | undefined> {
    await wait(DENIAL_MS);
    const response = await this.#request(`/schemas/ids/${id}`, { method: "GET" });
    const { schema, schemaType = "AVRO", error_code: code } = (await response.json().catch(() => ({}))) as { schema?: unknown; schemaType?: unknown; error_code?: unknown };
    if (response.ok && typeof schema === "string") return schemaType === "AVRO" ? schema : undefined;
    if (response.status === 404 && Math.floor(Number(code) / 100) === 404) return undefined;
    throw this.#failure(answered(response), `id ${id}`);
  }

  /** Before the first schema, for a registry may let anything in by default, and two processes may come at once. */
  async #demandCompatibility(subject: string): Promise<void> {
    const path = `/config/${encodeURIComponent(subject)}`;
    const now = await this.#request(path, { method: "GET" });
    const was = now.ok ? ((await now.json()) as { compatibilityLevel?: unknown }).compatibilityLevel : undefined;
    if (was === COMPATIBILITY.FULL_TRANSITIVE) return;
    if (!now.ok && now.status !== 404) throw answered(now);
    const set = await this.#request(path, { method: "PUT", body: JSON.stringify({ compatibility: COMPATIBILITY.FULL_TRANSITIVE }) });
    await set.body?.cancel();
    if (!set.ok) throw answered(set);
    this.#tell("registry.compatibility-set", { registry: this.place, subject, was: was ?? null, now: COMPATIBILITY.FULL_TRANSITIVE }, "info");
  }

  async #request(path: string, init: RequestInit): Promise<Response> {
    const { base, auth } = this.#address;
    const authorization = auth === undefined ? {} : { authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString("base64")}` };
    try {
      return await fetch(base + path, { ...init, headers: { "content-type": CONTENT_TYPE, ...authorization }, signal: AbortSignal.timeout(this.#requestMs) });
    } catch (error) {
      throw this.#unavailable(reasonOf(error), error);
    }
  }

  #failure(error: unknown, about: string): CaudalError {
    if (error instanceof CaudalError) return error;
    const status = statusOf(error);
    const why = error instanceof Error ? error.message.replace(/^caudal - /, "") : String(error);
    // The client's form for a request that got no answer.
    if (status === 400 && why.startsWith("Error, status 400: ")) return this.#unavailable(why.slice(19), error);
    if (status === undefined || REFUSED.includes(status)) return new CaudalError("bad-request", `${about}: ${this.place} refuses the schema (${why})`, { cause: error });
    if (status === 401 || status === 403) return new CaudalError("setting", `${this.place} refuses the user (${status}); see user and password in the registry's URL`);
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) return new CaudalError("setting", `${this.place} answers ${status} for ${about}; see the path in the registry's URL`, { cause: error });
    return this.#unavailable(why, error);
  }

  #unavailable(why: string, cause?: unknown): CaudalError {
    return new CaudalError("unavailable", `${this.place}: ${why}`, { cause });
  }
}

function answered({ status }: Response): Error {
  return Object.assign(new Error(`answered ${status}`), { status });
}

function statusOf(error: unknown): number | undefined {
  const status: unknown = typeof error === "object" && error !== null ? (error as { status?: unknown }).status : undefined;
  return typeof status === "number" ? status : undefined;
}

/** `fetch` says only that it failed; the reason lies below. */
function reasonOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : undefined;
  return code ?? (error instanceof Error ? error.message : String(error));
}

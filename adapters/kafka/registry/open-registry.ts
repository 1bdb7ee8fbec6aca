import { setTimeout as wait } from "node:timers/promises";
import { CaudalError, hasCode, type SchemaRegistry, type Tell } from "@caudal/core";
import { readSchemaFiles } from "@caudal/schemas";
import { readAddress } from "./address.ts";
import { schemaText } from "./canonical.ts";
import { DiskCache, type RegistryAnswer } from "./disk-cache.ts";
import { KnownAnswers } from "./known-answers.ts";
import { RecentDenials } from "./recent-denials.ts";
import { RemoteRegistry } from "./remote-registry.ts";

export interface SchemaRegistryOptions {
  /** `http(s)://[user:pass@]host:port/path` of a Confluent-compatible registry; Apicurio's path is `/apis/ccompat/v7`. */
  readonly url: string;
  /** Folder of the answers, so that a start needs no registry; made when missing, shared by processes, for any number of registries. */
  readonly cacheDirectory: string;
  readonly tell?: Tell;
  /** How long one answer may take. 10 s when absent, for a registry's first answers take up to two. */
  readonly requestMs?: number;
}

const REQUEST_MS = 10_000;

/** Pauses before asking a registry again that did not answer, at the start; later it is the caller who asks again. */
const pausesMs = [200, 500, 1000];

/**
 * Opens a registry, and registers the schemas of all our record types. While the registry is away it opens from the cache. Fails with "unavailable" when
 * neither knows a type, with "setting" when the URL is wrong, the registry refuses us, or contradicts what it answered before.
 */
export async function openSchemaRegistry({ url, cacheDirectory, tell = () => undefined, requestMs = REQUEST_MS }: SchemaRegistryOptions): Promise<SchemaRegistry> {
  const address = readAddress(url);
  const cache = new DiskCache(cacheDirectory, address.base, tell);
  const known = new KnownAnswers();
  for (const answer of await cache.load()) known.learn(answer);
  const registry = new CachedRegistry({ remote: new RemoteRegistry(address, requestMs, tell), cache, known, tell });
  try {
    await registerOurs(registry, address.base, { cacheDirectory, tell });
    return registry;
  } catch (error) {
    await registry.close();
    throw error;
  }
}

async function registerOurs(registry: CachedRegistry, place: string, { cacheDirectory, tell }: { cacheDirectory: string; tell: Tell }): Promise<void> {
  let away: CaudalError | undefined;
  for (const { subject, json } of readSchemaFiles()) {
    away ??= await registry.confirm(subject, json);
    if (away === undefined || registry.knows(subject, json)) continue;
    throw new CaudalError("unavailable", `the schema registry cannot be asked (${away.message}), and the cache ${cacheDirectory} does not know the schema of ${subject}. Start the registry, or copy the cache folder of a process that ran`, { cause: away });
  }
  if (away !== undefined) tell("registry.away", { registry: place, why: away.message, from: cacheDirectory });
}

interface Parts {
  readonly remote: RemoteRegistry;
  readonly cache: DiskCache;
  readonly known: KnownAnswers;
  readonly tell: Tell;
}

class CachedRegistry implements SchemaRegistry {
  readonly #remote: RemoteRegistry;
  readonly #cache: DiskCache;
  readonly #known: KnownAnswers;
  readonly #tell: Tell;
  readonly #denials = new RecentDenials();
  /** Questions on their way; who asks the same shares the answer. */
  readonly #asking = new Map<string, Promise<unknown>>();
  #closed = false;

  constructor({ remote, cache, known, tell }: Parts) {
    this.#remote = remote;
    this.#cache = cache;
    this.#known = known;
    this.#tell = tell;
  }

  async idFor(subject: string, schemaJson: string): Promise<number> {
    this.#mustBeOpen();
    const { canonical } = schemaText(subject, schemaJson);
    return this.#known.idOf(subject, canonical) ?? this.#shared(`${subject}\n${canonical}`, () => this.#register(subject, schemaJson));
  }

  async schemaById(id: number): Promise<string | undefined> {
    this.#mustBeOpen();
    const known = this.#known.schemaById(id);
    if (known !== undefined || this.#denials.has(id)) return known;
    return this.#shared(`id ${id}`, async () => {
      const schema = await this.#remote.fetch(id);
      if (schema === undefined) this.#denials.add(id);
      else await this.#learn({ id, schema });
      return schema;
    });
  }

  knows(subject: string, schemaJson: string): boolean {
    return this.#known.idOf(subject, schemaText(subject, schemaJson).canonical) !== undefined;
  }

  /** Asks the registry even for what is known, so that one that lost its data is found out; gives why it cannot be asked, if so. */
  async confirm(subject: string, schemaJson: string): Promise<CaudalError | undefined> {
    const before = this.#known.idOf(subject, schemaText(subject, schemaJson).canonical);
    for (let attempt = 0; ; attempt++) {
      try {
        const id = await this.#register(subject, schemaJson);
        if (before !== undefined && before !== id) await this.#explain(before, id, subject);
        return undefined;
      } catch (error) {
        if (!(error instanceof CaudalError) || !hasCode(error, "unavailable")) throw error;
        const pauseMs = pausesMs[attempt];
        if (pauseMs === undefined || this.knows(subject, schemaJson)) return error;
        await wait(pauseMs);
      }
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#remote.close();
    await Promise.allSettled(this.#asking.values());
  }

  async #register(subject: string, schemaJson: string): Promise<number> {
    const { sent } = schemaText(subject, schemaJson);
    const id = await this.#remote.register(subject, sent);
    await this.#learn({ id, schema: sent, subject });
    return id;
  }

  async #learn(answer: RegistryAnswer): Promise<void> {
    if (this.#known.learn(answer)) await this.#cache.keep(answer);
  }

  /** A schema has another id than before. The records of before are read as they were written, unless the registry means something else by their id. */
  async #explain(before: number, now: number, subject: string): Promise<void> {
    const schema = await this.#remote.fetch(before);
    if (schema !== undefined) this.#known.learn({ id: before, schema });
    this.#tell("registry.id-changed", { registry: this.#remote.place, subject, before, now });
  }

  async #shared<T>(question: string, ask: () => Promise<T>): Promise<T> {
    const asking = this.#asking.get(question) as Promise<T> | undefined;
    if (asking !== undefined) return asking;
    const answer = ask().finally(() => this.#asking.delete(question));
    this.#asking.set(question, answer);
    return answer;
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new CaudalError("closed", "the schema registry is closed");
  }
}

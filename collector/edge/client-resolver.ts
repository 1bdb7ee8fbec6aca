import { allows, deviceCollection, type DeviceRecord, type DocumentCollection, type Documents, type Scope } from "@caudal/core";
import type { Clock } from "@caudal/runtime";

/** The client of readings that name none, where nobody has a device of that id. */
export const DEFAULT_CLIENT = "default";

const CLIENT_ID = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const KNOWN_FOR_MS = 5000;
const MAX_KNOWN = 20_000;
const LOOKUPS_AT_ONCE = 16;

/** True for what a client may be called: a-z, 0-9 and dashes inside, at most 63. */
export function isClientId(text: string): boolean {
  return CLIENT_ID.test(text);
}

/** The client that a scope falls back to; undefined when it sees several and none is the default. */
export function homeClient(scope: Scope): string | undefined {
  if (allows(scope, DEFAULT_CLIENT)) return DEFAULT_CLIENT;
  return scope.clients !== "all" && scope.clients.length === 1 ? scope.clients[0] : undefined;
}

/** Finds the client of readings that name none: the one client of the scope that has a device of that id, else the scope's own. */
export class ClientResolver {
  readonly #devices: DocumentCollection<DeviceRecord>;
  readonly #clock: Clock;
  readonly #known = new Map<string, { readonly client: string | undefined; readonly untilMs: number }>();

  private constructor(devices: DocumentCollection<DeviceRecord>, clock: Clock) {
    this.#devices = devices;
    this.#clock = clock;
  }

  static async open(documents: Documents, clock: Clock): Promise<ClientResolver> {
    return new ClientResolver(await documents.collection<DeviceRecord>(deviceCollection), clock);
  }

  /** One entry a device; undefined where the scope leaves it open. Rejects as the store does. */
  async resolve(scope: Scope, devices: Iterable<string>): Promise<ReadonlyMap<string, string | undefined>> {
    const found = new Map<string, string | undefined>();
    const asked: string[] = [];
    const nowMs = this.#clock.monotonicMs();
    const prefix = scope.clients === "all" ? "*" : scope.clients.join("\n");
    for (const device of new Set(devices)) {
      const known = this.#known.get(`${prefix}\0${device}`);
      if (known !== undefined && known.untilMs > nowMs) found.set(device, known.client);
      else asked.push(device);
    }
    for (let from = 0; from < asked.length; from += LOOKUPS_AT_ONCE) {
      await Promise.all(asked.slice(from, from + LOOKUPS_AT_ONCE).map(async (device) => {
        const client = await this.#ask(scope, device);
        found.set(device, client);
        this.#remember(`${prefix}\0${device}`, client, nowMs);
      }));
    }
    return found;
  }

  async #ask(scope: Scope, device: string): Promise<string | undefined> {
    const page = await this.#devices.find(scope, { where: { device }, limit: 2 });
    const [first, second] = page.items;
    return first !== undefined && second === undefined ? first.body.client : homeClient(scope);
  }

  #remember(key: string, client: string | undefined, nowMs: number): void {
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(key, { client, untilMs: nowMs + KNOWN_FOR_MS });
  }
}

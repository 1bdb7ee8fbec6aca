import { CaudalError, hasCode, roles, systemScope, type CollectionSpec, type DocumentCollection, type Documents, type Page, type Role, type Scope, type StoredDocument } from "@caudal/core";
import { createToken, siftPage, type TokenLookup } from "@caudal/runtime";
import { z } from "zod";

/** A client's id as topics and directories write it. */
const clientId = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, "a-z, 0-9, -; 1-63");

/** A device's id, or how ids begin, with a `*` at its end. */
const deviceRule = z.string().regex(/^[^\s*/+#][^*/+#]{0,254}\*?$/, "a device's id, or how ids begin and *");

/** What a token is made with. */
export const newTokenSchema = z.strictObject({
  name: z.string().trim().min(1).max(128), role: z.enum(roles), clients: z.union([z.literal("all"), z.array(clientId).min(1).max(1000)]),
  devices: z.array(deviceRule).min(1).max(1000).optional().describe("Of role device: ids that it speaks for, or how they begin (W-*); absent: every device of its clients."),
}).refine(({ role, devices }) => devices === undefined || role === "device", { path: ["devices"], message: "only the role device speaks for named devices" });
export interface NewToken {
  readonly name: string;
  readonly role: Role;
  readonly clients: "all" | readonly string[];
  /** Devices that it speaks for; absent where it speaks for all of its clients. */
  readonly devices?: readonly string[] | undefined;
  readonly createdBy: string;
}

/** A token as it is kept. Document id: SHA-256 of the token; the token itself is nowhere. */
export interface TokenRecord extends NewToken {
  readonly createdAtUs: number;
  readonly revokedAtUs: number | null;
}

/** A token without its hash, as lists show it. `id` begins the hash: enough to name it, not to use it. */
export interface TokenView extends TokenRecord {
  readonly id: string;
}

const ID_CHARACTERS = 16;
const PAGE = 1000;
const tokenCollection: CollectionSpec = { name: "tokens", tenant: false, indexes: [["name"], ["createdAtUs"], ["revokedAtUs"]] };

/** Valid tokens that there may be. */
export const MAX_TOKENS = 1000;

/** True when somebody of the scope may know and make such a token: it reaches no further than they do. */
export function reaches(scope: Scope, clients: TokenRecord["clients"]): boolean {
  return scope.clients === "all" || (clients !== "all" && clients.every((client) => scope.clients.includes(client)));
}

function viewOf({ id, body }: StoredDocument<TokenRecord>): TokenView {
  return { id: id.slice(0, ID_CHARACTERS), ...body };
}

/** Access tokens by their hash. */
export class TokenStore {
  readonly #tokens: DocumentCollection<TokenRecord>;
  readonly #nowUs: () => number;

  private constructor(tokens: DocumentCollection<TokenRecord>, nowUs: () => number) {
    this.#tokens = tokens;
    this.#nowUs = nowUs;
  }

  static async open(documents: Documents, nowUs: () => number): Promise<TokenStore> {
    return new TokenStore(await documents.collection<TokenRecord>(tokenCollection), nowUs);
  }

  /** The token in clear, this once. Fails with "bad-request" when something of it cannot be, or there are `MAX_TOKENS` already. */
  async create({ createdBy, ...wanted }: NewToken): Promise<{ readonly token: string; readonly view: TokenView }> {
    const parsed = newTokenSchema.safeParse(wanted);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new CaudalError("bad-request", `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
    }
    if (await this.full()) throw new CaudalError("bad-request", `there are ${MAX_TOKENS} valid tokens already; revoke one first`);
    const { token, hash } = createToken();
    const { devices, ...named } = parsed.data;
    const body: TokenRecord = { ...named, ...(devices === undefined ? {} : { devices }), createdBy, createdAtUs: this.#nowUs(), revokedAtUs: null };
    return { token, view: viewOf(await this.#tokens.insert(systemScope, { id: hash, body })) };
  }

  /** True when no more may be made. */
  async full(): Promise<boolean> {
    return (await this.#tokens.count(systemScope, { revokedAtUs: null })) >= MAX_TOKENS;
  }

  /** Every token, oldest first, revoked ones too. */
  async list(): Promise<readonly TokenView[]> {
    return (await this.#all({})).map(viewOf);
  }

  /** A page of the tokens that the scope reaches, oldest first. Throws Problem "invalid-cursor". */
  async page(scope: Scope, paging: { readonly limit: number; readonly cursor?: string | undefined }): Promise<Page<TokenView>> {
    const fits = scope.clients === "all" ? undefined : ({ body }: StoredDocument<TokenRecord>): boolean => reaches(scope, body.clients);
    const page = await siftPage({ ...paging, fits }, (at) => this.#tokens.find(systemScope, { orderBy: "createdAtUs", ...at }));
    return { ...page, items: page.items.map(viewOf) };
  }

  /** By the id that lists show, or by name. Fails with "not-found", and with "bad-request" when the name stands for several. */
  async revoke(idOrName: string, scope: Scope = systemScope): Promise<TokenView> {
    const live = (await this.#all({ revokedAtUs: null })).filter(({ body }) => reaches(scope, body.clients));
    const byId = live.filter(({ id }) => id.slice(0, ID_CHARACTERS) === idOrName);
    const [stored, other] = byId.length > 0 ? byId : live.filter(({ body }) => body.name === idOrName);
    if (stored === undefined) throw new CaudalError("not-found", `no valid token is called ${idOrName}`);
    if (other !== undefined) throw new CaudalError("bad-request", `several tokens are called ${idOrName}; name one by its id`);
    try {
      return viewOf(await this.#tokens.replace(systemScope, { id: stored.id, body: { ...stored.body, revokedAtUs: this.#nowUs() } }, stored.version));
    } catch (error) {
      if (hasCode(error, "version-conflict")) return this.revoke(idOrName, scope);
      throw error;
    }
  }

  /** True while there is one that is not revoked. */
  async any(): Promise<boolean> {
    return (await this.#tokens.count(systemScope, { revokedAtUs: null })) > 0;
  }

  readonly lookup: TokenLookup = async (hash) => {
    const stored = await this.#tokens.get(systemScope, hash);
    if (stored === undefined || stored.body.revokedAtUs !== null) return undefined;
    const { name, role, clients, devices } = stored.body;
    const scope: Scope = clients === "all" ? { clients: "all" } : { clients };
    return { hash, principal: { name, role, scope, ...(devices === undefined ? {} : { devices }) } };
  };

  async #all(where: { readonly revokedAtUs?: null }): Promise<readonly StoredDocument<TokenRecord>[]> {
    const found: StoredDocument<TokenRecord>[] = [];
    let cursor: string | undefined;
    do {
      const page: Page<StoredDocument<TokenRecord>> = await this.#tokens.find(systemScope, { where, ...("revokedAtUs" in where ? {} : { orderBy: "createdAtUs" }), limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      found.push(...page.items);
      cursor = page.next;
    } while (cursor !== undefined);
    return found;
  }
}

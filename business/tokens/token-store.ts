import { CaudalError, hasCode, systemScope, type CollectionSpec, type DocumentCollection, type Documents, type Role, type Scope, type StoredDocument } from "@caudal/core";
import { createToken, type TokenLookup } from "@caudal/runtime";

/** A token as it is kept. Document id: SHA-256 of the token; the token itself is nowhere. */
export interface TokenRecord {
  readonly name: string;
  readonly role: Role;
  readonly clients: "all" | readonly string[];
  readonly createdAtUs: number;
  readonly createdBy: string;
  readonly revokedAtUs: number | null;
}

export interface NewToken {
  readonly name: string;
  readonly role: Role;
  readonly clients: "all" | readonly string[];
  readonly createdBy: string;
}

/** A token without its hash, as lists show it. `id` begins the hash: enough to name it, not to use it. */
export interface TokenView extends TokenRecord {
  readonly id: string;
}

const ID_CHARACTERS = 16;
const MAX_TOKENS = 1000;
const tokenCollection: CollectionSpec = { name: "tokens", tenant: false, indexes: [["name"]] };

function viewOf({ id, body }: StoredDocument<TokenRecord>): TokenView {
  return { id: id.slice(0, ID_CHARACTERS), ...body };
}

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

  /** The token in clear, this once. */
  async create(wanted: NewToken): Promise<{ readonly token: string; readonly view: TokenView }> {
    const { token, hash } = createToken();
    const body: TokenRecord = { ...wanted, createdAtUs: this.#nowUs(), revokedAtUs: null };
    return { token, view: viewOf(await this.#tokens.insert(systemScope, { id: hash, body })) };
  }

  async list(): Promise<readonly TokenView[]> {
    return (await this.#all()).map(viewOf);
  }

  /** By the id that lists show, or by name. Fails with "not-found", and with "bad-request" when the name stands for several. */
  async revoke(idOrName: string): Promise<TokenView> {
    const live = (await this.#all()).filter(({ body }) => body.revokedAtUs === null);
    const found = live.filter(({ id, body }) => id.startsWith(idOrName) && idOrName.length >= 8 || body.name === idOrName);
    const [stored] = found;
    if (stored === undefined) throw new CaudalError("not-found", `no valid token is called ${idOrName}`);
    if (found.length > 1) throw new CaudalError("bad-request", `${found.length} tokens are called ${idOrName}; name one by its id`);
    try {
      return viewOf(await this.#tokens.replace(systemScope, { id: stored.id, body: { ...stored.body, revokedAtUs: this.#nowUs() } }, stored.version));
    } catch (error) {
      if (hasCode(error, "version-conflict")) return this.revoke(idOrName);
      throw error;
    }
  }

  /** True while there is one that is not revoked. */
  async any(): Promise<boolean> {
    return (await this.#all()).some(({ body }) => body.revokedAtUs === null);
  }

  readonly lookup: TokenLookup = async (hash) => {
    const stored = await this.#tokens.get(systemScope, hash);
    if (stored === undefined || stored.body.revokedAtUs !== null) return undefined;
    const { name, role, clients } = stored.body;
    const scope: Scope = clients === "all" ? { clients: "all" } : { clients };
    return { hash, principal: { name, role, scope } };
  };

  async #all(): Promise<readonly StoredDocument<TokenRecord>[]> {
    return (await this.#tokens.find(systemScope, { limit: MAX_TOKENS })).items;
  }
}

import { CaudalError, hasCode, systemScope, type CollectionSpec, type DocumentCollection, type Documents, type Page, type StoredDocument } from "@caudal/core";
import { siftPage } from "@caudal/runtime";
import { checkedRut } from "../identity/rut.ts";
import type { RegulatorName } from "../obras/obra.ts";
import type { Credentials } from "../regulators/regulator.ts";
import { registrationOf } from "../regulators/regulators.ts";
import { seal, unseal, type SealedText } from "./sealed-text.ts";
import type { SecretsKey } from "./secrets-key.ts";

/** A password as it is kept: document `regulator/user` of a collection that belongs to the installation. */
interface CredentialRecord {
  readonly regulator: RegulatorName;
  readonly user: string;
  readonly password: SealedText;
  readonly setBy: string;
  readonly setAtUs: number;
}

/** What may be told of a password: that there is one. */
export interface CredentialView {
  readonly regulator: RegulatorName;
  readonly user: string;
  readonly setBy: string;
  readonly setAtUs: number;
  /** False when it was sealed under a key that is not given. */
  readonly readable: boolean;
}

export interface CredentialStoreOptions {
  /** Keys that were in force before: what they sealed still opens, and `reseal` puts it under the present one. */
  readonly earlier?: readonly SecretsKey[];
}

const credentialCollection: CollectionSpec = { name: "regulator-credentials", tenant: false, indexes: [["regulator", "user"]] };
const PAGE = 500;
export const MAX_PASSWORD_CHARACTERS = 1000;

/** Passwords of informants at regulators, encrypted at rest; none is ever in a list, a log or an error. */
export class CredentialStore {
  readonly #records: DocumentCollection<CredentialRecord>;
  readonly #key: SecretsKey;
  readonly #keys: ReadonlyMap<string, SecretsKey>;

  private constructor(records: DocumentCollection<CredentialRecord>, key: SecretsKey, earlier: readonly SecretsKey[]) {
    this.#records = records;
    this.#key = key;
    this.#keys = new Map([...earlier, key].map((each) => [each.id, each]));
  }

  static async open(documents: Documents, key: SecretsKey, { earlier = [] }: CredentialStoreOptions = {}): Promise<CredentialStore> {
    return new CredentialStore(await documents.collection<CredentialRecord>(credentialCollection), key, earlier);
  }

  /** Undefined where none was set. Fails with "setting" when its key is not given, "corrupt" when it was tampered with. */
  async get(regulator: RegulatorName, user: string): Promise<Credentials | undefined> {
    const stored = await this.#records.get(systemScope, idOf(regulator, credentialUser(regulator, user)));
    return stored === undefined ? undefined : { user: stored.body.user, password: this.#passwordOf(stored.body) };
  }

  /** True where one was set, whether or not its key is given. */
  async has(regulator: RegulatorName, user: string): Promise<boolean> {
    return (await this.#records.get(systemScope, idOf(regulator, credentialUser(regulator, user)))) !== undefined;
  }

  /** When the password was set last, in microseconds; undefined where none was. */
  async setAtUs(regulator: RegulatorName, user: string): Promise<number | undefined> {
    return (await this.#records.get(systemScope, idOf(regulator, credentialUser(regulator, user))))?.body.setAtUs;
  }

  /** Sets the password, whatever was there. Fails with "bad-request" when the regulator can have no such user or the password is empty or too long. */
  async put(author: string, regulator: RegulatorName, given: Credentials, atUs: number): Promise<CredentialView> {
    const user = credentialUser(regulator, given.user);
    if (given.password === "" || given.password.length > MAX_PASSWORD_CHARACTERS) throw new CaudalError("bad-request", `a password has 1 to ${MAX_PASSWORD_CHARACTERS} characters`);
    const body: CredentialRecord = { regulator, user, password: seal(given.password, [regulator, user], this.#key), setBy: author, setAtUs: atUs };
    await this.#records.putMany(systemScope, [{ id: idOf(regulator, user), body }]);
    return this.#viewOf(body);
  }

  /** False when there was none. */
  async remove(regulator: RegulatorName, user: string): Promise<boolean> {
    return this.#records.remove(systemScope, idOf(regulator, credentialUser(regulator, user)));
  }

  /** In order of regulator and user, without passwords. Throws Problem "invalid-cursor". */
  async list(paging: { readonly limit: number; readonly cursor?: string | undefined }): Promise<Page<CredentialView>> {
    const page = await siftPage(paging, (at) => this.#records.find(systemScope, at));
    return { ...page, items: page.items.map(({ body }) => this.#viewOf(body)) };
  }

  /** Puts everything that an earlier key sealed under the present one. `left` were sealed under keys that are not given. */
  async reseal(): Promise<{ readonly resealed: number; readonly left: number }> {
    let [resealed, left] = [0, 0];
    let cursor: string | undefined;
    do {
      const page: Page<StoredDocument<CredentialRecord>> = await this.#records.find(systemScope, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      for (const { id, version, body } of page.items) {
        if (body.password.keyId === this.#key.id) continue;
        if (!this.#keys.has(body.password.keyId)) left += 1;
        else resealed += await this.#resealOne({ id, version, body });
      }
      cursor = page.next;
    } while (cursor !== undefined);
    return { resealed, left };
  }

  async #resealOne({ id, version, body }: StoredDocument<CredentialRecord>): Promise<number> {
    const password = seal(this.#passwordOf(body), [body.regulator, body.user], this.#key);
    try {
      await this.#records.replace(systemScope, { id, body: { ...body, password } }, version);
      return 1;
    } catch (error) {
      // Somebody set it anew meanwhile, which stands.
      if (hasCode(error, "version-conflict")) return 0;
      throw error;
    }
  }

  #passwordOf({ regulator, user, password }: CredentialRecord): string {
    const key = this.#keys.get(password.keyId);
    if (key === undefined) throw new CaudalError("setting", `the password of ${regulator}/${user} was sealed under the key ${password.keyId}, which is not given; give it as CAUDAL_SECRETS_KEY_OLD or set the password anew`);
    const text = unseal(password, [regulator, user], key);
    if (text === undefined) throw new CaudalError("corrupt", `the password of ${regulator}/${user} is not as it was sealed; set it anew`);
    return text;
  }

  #viewOf({ regulator, user, setBy, setAtUs, password }: CredentialRecord): CredentialView {
    return { regulator, user, setBy, setAtUs, readable: this.#keys.has(password.keyId) };
  }
}

/** The user as works name it: a RUT in the form that is sent, whoever's regulator takes RUTs. Fails with "bad-request". */
export function credentialUser(regulator: RegulatorName, written: string): string {
  const rut = checkedRut(written);
  if (rut.ok) return rut.rut;
  if (registrationOf(regulator).takesUser(written)) return written;
  const why = rut.why === "check-digit" ? `its check digit should be ${rut.expected}` : "it has digits, a hyphen and a check digit, such as 12345678-5";
  throw new CaudalError("bad-request", `the user is no RUT of an informant: ${why}`);
}

function idOf(regulator: RegulatorName, user: string): string {
  return `${regulator}/${user}`;
}

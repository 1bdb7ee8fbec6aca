import { createHash } from "node:crypto";
import { CaudalError, hasCode, type DocumentCollection, type Documents, type Page, type Scope } from "@caudal/core";
import type { Obra } from "../obras/obra.ts";

/** Of a document's blob. */
export const MAX_CERTIFICATE_BYTES = 8 * 1024 * 1024;
export const certificateTypes = ["application/pdf", "image/jpeg", "image/png"] as const;

/** A file that an inspection asks for: calibration of a meter, a resolution, a photograph of the QR of the work. Document id `work/id`, the file as its blob; it is never replaced. */
export interface CertificateRecord {
  readonly client: string;
  readonly work: string;
  readonly id: string;
  readonly name: string;
  readonly note: string;
  readonly contentType: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly by: string;
  readonly atUs: number;
}

export const certificateCollection = { name: "obra_certificates", tenant: true, indexes: [["work", "id"], ["client"]] } as const;

const MOST = 500;

export class CertificateShelf {
  readonly #records: DocumentCollection<CertificateRecord>;

  private constructor(records: DocumentCollection<CertificateRecord>) {
    this.#records = records;
  }

  static async open(documents: Documents): Promise<CertificateShelf> {
    return new CertificateShelf(await documents.collection<CertificateRecord>(certificateCollection));
  }

  /** Durable when it resolves. The same file again changes nothing and resolves with the first; another under the same id fails with "duplicate-key", one too many with "too-large". */
  async put(scope: Scope, obra: Obra, { file, ...given }: Pick<CertificateRecord, "id" | "name" | "note" | "contentType" | "by" | "atUs"> & { readonly file: Uint8Array }): Promise<CertificateRecord> {
    const { client, work } = obra;
    const id = `${work}/${given.id}`;
    const body: CertificateRecord = { client, work, ...given, bytes: file.length, sha256: createHash("sha256").update(file).digest("hex") };
    const held = await this.#records.get(scope, id);
    if (held === undefined && (await this.#records.count(scope, { work })) >= MOST) throw new CaudalError("too-large", `${work} has ${MOST} certificates already`);
    try {
      return held?.body.sha256 === body.sha256 ? held.body : (await this.#records.insert(scope, { id, body, blob: file })).body;
    } catch (error) {
      // Somebody else put it meanwhile, or this very call did and its answer was lost.
      const there = hasCode(error, "duplicate-key") ? await this.#records.get(scope, id) : undefined;
      if (there?.body.sha256 === body.sha256) return there.body;
      throw error;
    }
  }

  async get(scope: Scope, work: string, id: string): Promise<{ readonly record: CertificateRecord; readonly file: Uint8Array } | undefined> {
    const stored = await this.#records.get(scope, `${work}/${id}`);
    return stored === undefined ? undefined : { record: stored.body, file: stored.blob ?? new Uint8Array(0) };
  }

  /** In order of ids. */
  async list(scope: Scope, work: string, { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined }): Promise<Page<CertificateRecord>> {
    const page = await this.#records.find(scope, { where: { work }, orderBy: "id", limit, ...(cursor === undefined ? {} : { cursor }) });
    return { ...page, items: page.items.map(({ body }) => body) };
  }
}

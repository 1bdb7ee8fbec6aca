import { correctionCollection, decisionCollection, rebuiltMeasurements, type CorrectionRecord, type DecisionRecord, type DocumentCollection, type Documents, type Page, type PointKey, type Scope, type SeriesTier, type StoredDocument } from "@caudal/core";
import type { Period } from "./chain-walk.ts";

export interface PointSpan extends Period {
  readonly scope: Scope;
  readonly key: PointKey;
}

/** Every revision of every fact of a point in the span, withdrawn ones too, one measurement a line. Values are numbers with all their digits. */
export async function* measurementLines(cold: SeriesTier, { scope, key, fromUs, toUs }: PointSpan): AsyncGenerator<string> {
  for await (const block of cold.read(scope, { ...key, fromUs, toUs, allRevisions: true, includeWithdrawn: true })) {
    for (const { instantUs, authority, knownAtUs, facts } of rebuiltMeasurements(key, block, { origin: "", receivedAtUs: 0 })) {
      yield `${JSON.stringify({ instantUs, authority, knownAtUs, facts })}\n`;
    }
  }
}

/** What was decided of a point's counts, and what people said of its facts. */
export class PointDecisions {
  readonly #decisions: DocumentCollection<DecisionRecord>;
  readonly #corrections: DocumentCollection<CorrectionRecord>;

  private constructor(decisions: DocumentCollection<DecisionRecord>, corrections: DocumentCollection<CorrectionRecord>) {
    this.#decisions = decisions;
    this.#corrections = corrections;
  }

  static async open(documents: Documents): Promise<PointDecisions> {
    return new PointDecisions(await documents.collection<DecisionRecord>(decisionCollection), await documents.collection<CorrectionRecord>(correctionCollection));
  }

  async *decisionLines({ scope, key: { point }, fromUs, toUs }: PointSpan): AsyncGenerator<string> {
    const read = (paging: object): Promise<Page<StoredDocument<DecisionRecord>>> => this.#decisions.find(scope, { where: { point }, range: { field: "instantUs", from: fromUs, to: toUs }, orderBy: "instantUs", limit: 500, ...paging });
    for await (const { id, body } of allOf(read)) yield `${JSON.stringify({ id, ...body })}\n`;
  }

  /** Those that name an instant of the span, whenever they were said. */
  async *correctionLines({ scope, key: { point }, fromUs, toUs }: PointSpan): AsyncGenerator<string> {
    const read = (paging: object): Promise<Page<StoredDocument<CorrectionRecord>>> => this.#corrections.find(scope, { where: { point }, orderBy: "atUs", limit: 100, ...paging });
    for await (const { id, body } of allOf(read)) if (body.timesUs.some((timeUs) => timeUs >= fromUs && timeUs < toUs)) yield `${JSON.stringify({ id, ...body })}\n`;
  }
}

async function* allOf<T>(read: (paging: { cursor?: string }) => Promise<Page<T>>): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const page = await read(cursor === undefined ? {} : { cursor });
    yield* page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}

import { pointCollection, type DocumentCollection, type Documents, type PointKey, type PointRecord, type Scope } from "@caudal/core";

/** Which points a job is about; all that the scope sees when nothing is named. */
export interface PointsAsked {
  readonly scope: Scope;
  readonly client?: string | undefined;
  readonly point?: string | undefined;
}

const PAGE = 200;

/** The directory's points, in keyset pages. */
export class PointsOf {
  readonly #points: DocumentCollection<PointRecord>;

  private constructor(points: DocumentCollection<PointRecord>) {
    this.#points = points;
  }

  static async open(documents: Documents): Promise<PointsOf> {
    return new PointsOf(await documents.collection<PointRecord>(pointCollection));
  }

  async count({ scope, client, point }: PointsAsked): Promise<number> {
    if (point !== undefined) return (await this.#one(scope, client, point)).length;
    return this.#points.count(scope, client === undefined ? undefined : { client });
  }

  async *pages({ scope, client, point }: PointsAsked): AsyncGenerator<readonly PointKey[]> {
    if (point !== undefined) {
      yield await this.#one(scope, client, point);
      return;
    }
    let cursor: string | undefined;
    do {
      const page = await this.#points.find(scope, { limit: PAGE, ...(client === undefined ? {} : { where: { client } }), ...(cursor === undefined ? {} : { cursor }) });
      yield page.items.map(({ body }) => ({ client: body.client, point: body.point }));
      cursor = page.next;
    } while (cursor !== undefined);
  }

  async #one(scope: Scope, client: string | undefined, point: string): Promise<PointKey[]> {
    const found = await this.#points.get(scope, point);
    return found === undefined || (client !== undefined && found.body.client !== client) ? [] : [{ client: found.body.client, point }];
  }
}

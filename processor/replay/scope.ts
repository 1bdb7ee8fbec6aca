import { Directory, partitionOf, systemScope, type Documents, type PointKey, type Scope } from "@caudal/core";
import { Problem } from "@caudal/runtime";
import type { ReplayRequest } from "./options.ts";

const PAGE = 500;

/** Which points a replay is about, and which instants of them. */
export class ReplayScope {
  readonly directory: Directory;
  readonly fromUs: number;
  readonly toUs: number;
  /** Of caudal.points. */
  readonly partitions: ReadonlySet<number>;
  readonly #scope: Scope;
  /** All of the scope when undefined. */
  readonly #points: ReadonlySet<string> | undefined;

  private constructor(parts: { directory: Directory; request: ReplayRequest; partitions: ReadonlySet<number>; scope: Scope; points: ReadonlySet<string> | undefined }) {
    this.directory = parts.directory;
    this.fromUs = parts.request.fromUs ?? -Infinity;
    this.toUs = parts.request.toUs ?? Infinity;
    this.partitions = parts.partitions;
    this.#scope = parts.scope;
    this.#points = parts.points;
  }

  /** Problem 404 for a point or a device that the directory does not have. */
  static async open(documents: Documents, request: ReplayRequest, partitionCount: number): Promise<ReplayScope> {
    const directory = await Directory.open(documents);
    const points = await pointsOf(directory, request);
    const partitions = new Set(points === undefined ? Array.from({ length: partitionCount }, (_, partition) => partition) : [...points].map((point) => partitionOf(point, partitionCount)));
    const scope: Scope = request.client === undefined ? systemScope : { clients: [request.client] };
    return new ReplayScope({ directory, request, partitions, scope, points });
  }

  /** False when a record under this key (its point) can be passed over unread. */
  mayHold(point: string): boolean {
    return this.#points?.has(point) !== false;
  }

  holds(client: string, point: string): boolean {
    return this.mayHold(point) && (this.#scope.clients === "all" || this.#scope.clients.includes(client));
  }

  /** Every point of the scope, some at a time. */
  async *pages(): AsyncGenerator<readonly PointKey[]> {
    const { points } = this.directory.collections;
    let cursor: string | undefined;
    do {
      const page = await points.find(this.#scope, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      const keys = page.items.map(({ body: { client, point } }) => ({ client, point })).filter(({ point }) => this.mayHold(point));
      if (keys.length > 0) yield keys;
      cursor = page.next;
    } while (cursor !== undefined);
  }

  async count(): Promise<number> {
    return this.#points?.size ?? this.directory.collections.points.count(this.#scope);
  }
}

async function pointsOf(directory: Directory, { client, device, point }: ReplayRequest): Promise<ReadonlySet<string> | undefined> {
  if (point !== undefined) {
    const found = await directory.collections.points.get(client === undefined ? systemScope : { clients: [client] }, point);
    if (found === undefined) throw new Problem("point-not-found", { detail: point, field: "body.point" });
    return new Set([point]);
  }
  if (device === undefined) return undefined;
  const found = client === undefined ? undefined : await directory.device(client, device);
  if (found === undefined) throw new Problem("not-found", { detail: `${client ?? "?"}/${device}`, field: "body.device" });
  return new Set([...found.body.entries, ...found.body.feeds ?? []].map(({ point: fed }) => fed));
}

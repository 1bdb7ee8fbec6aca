import { CaudalError, type DocumentCollection, type Documents } from "@caudal/core";

/** What happens to the next write of a kind: it waits, its answer is lost, or it never gets there. */
export interface Trouble {
  readonly collection: string;
  readonly write: "insert" | "replace";
  readonly with: "lost-answer" | "refused" | "never-sent" | Promise<void>;
}

/** A real store with troubles on the way to it; each is met once, in order of what was asked for. `met` counts. */
export function troubled(documents: Documents, troubles: Trouble[]): Documents {
  const through = async <R>(collection: string, write: Trouble["write"], work: () => Promise<R>): Promise<R> => {
    const at = troubles.findIndex((trouble) => trouble.collection === collection && trouble.write === write);
    const trouble = at < 0 ? undefined : troubles.splice(at, 1)[0];
    if (trouble === undefined) return work();
    if (trouble.with === "refused") throw new CaudalError("unavailable", "away");
    if (trouble.with === "never-sent") throw new CaudalError("timeout", "nobody knows");
    if (trouble.with !== "lost-answer") return trouble.with.then(work);
    // What the store said is what was lost.
    await work().catch(() => undefined);
    throw new CaudalError("timeout", "nobody knows");
  };
  return Object.assign(Object.create(documents) as Documents, {
    collection: async <T extends object>(spec: Parameters<Documents["collection"]>[0]): Promise<DocumentCollection<T>> => {
      const real = await documents.collection<T>(spec);
      return Object.assign(Object.create(real) as DocumentCollection<T>, {
        ...bound(real),
        insert: (...given: Parameters<typeof real.insert>) => through(spec.name, "insert", () => real.insert(...given)),
        replace: (...given: Parameters<typeof real.replace>) => through(spec.name, "replace", () => real.replace(...given)),
      });
    },
  });
}

function bound<T extends object>(real: DocumentCollection<T>): Partial<DocumentCollection<T>> {
  return { get: real.get.bind(real), getMany: real.getMany.bind(real), putMany: real.putMany.bind(real), find: real.find.bind(real), count: real.count.bind(real), remove: real.remove.bind(real) };
}

import { randomUUID } from "node:crypto";
import type { TestContext } from "node:test";
import type { CollectionSpec, DocumentCollection, Documents } from "@caudal/core";

/** What a suite run needs of an adapter: documents that outlive being closed. */
export interface DocumentsHarness {
  /** Opens the store; again after a close, on the same data. */
  open(): Promise<Documents>;
  dispose(): Promise<void>;
}

export type DocumentsFactory = () => Promise<DocumentsHarness>;

/** The body that the suite's documents have. */
export interface Example {
  readonly client: string;
  readonly name: string;
  readonly size?: number | null;
  readonly code?: string | null;
  readonly active?: boolean;
}

export const mine = { clients: ["mine"] } as const;
export const all = { clients: "all" } as const;

/** A spec of a name that no other test uses. */
export function exampleSpec(changes: Partial<CollectionSpec> = {}): CollectionSpec {
  return {
    name: `examples-${randomUUID().slice(0, 8)}`, tenant: true, unique: [["client", "code"]],
    indexes: [["name"], ["client", "size"], ["active", "size"], ["size"]], ...changes,
  };
}

export interface Opened {
  readonly documents: Documents;
  readonly examples: DocumentCollection<Example>;
  /** Closes and opens again. */
  reopen(): Promise<DocumentCollection<Example>>;
}

/** A collection of its own for one test, closed with it. */
export async function opened(context: TestContext, factory: DocumentsFactory, spec = exampleSpec()): Promise<Opened> {
  const harness = await factory();
  let documents = await harness.open();
  context.after(async () => {
    await documents.close();
    await harness.dispose();
  });
  return {
    documents,
    examples: await documents.collection<Example>(spec),
    reopen: async () => {
      await documents.close();
      documents = await harness.open();
      return documents.collection<Example>(spec);
    },
  };
}

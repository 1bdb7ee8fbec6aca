import { systemScope, type Documents } from "@caudal/core";
import { HEADS, ledgerCollection, type LedgerBody, type LineBody } from "./line.ts";

/** Every line of the installation, as it is stored: the processor's heads, and the ledgers. */
export async function readLines(documents: Documents): Promise<readonly (LineBody & Partial<LedgerBody>)[]> {
  const lines: (LineBody & Partial<LedgerBody>)[] = [];
  for (const name of [HEADS, ledgerCollection.name]) {
    const collection = await documents.collection<LineBody & Partial<LedgerBody>>({ name, tenant: false });
    let cursor: string | undefined;
    do {
      const page = await collection.find(systemScope, { limit: 500, ...(cursor === undefined ? {} : { cursor }) });
      lines.push(...page.items.map(({ body }) => body));
      cursor = page.next;
    } while (cursor !== undefined);
  }
  return lines;
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { TierName } from "@caudal/core";
import { unpackBatch } from "../../../adapters/embedded/tiers/write-batch.ts";
import type { PointRef } from "../auditor/evidence.ts";

/** Points that the file of an embedded tier names, of any client, those of batches that are not folded yet too. Nothing may have the folder open. */
export function embeddedPoints(dataDirectory: string, tier: TierName): readonly PointRef[] {
  const path = join(dataDirectory, "tiers", `${tier}.sqlite`);
  if (!existsSync(path)) return [];
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const names = new Set<string>();
    for (const row of db.prepare("SELECT client, point FROM points").iterate()) names.add(`${String(row["client"])}\0${String(row["point"])}`);
    for (const row of db.prepare("SELECT batch FROM incoming ORDER BY sequence").iterate()) {
      for (const text of unpackBatch(row["batch"] as Uint8Array).texts) if (text.includes("\0")) names.add(text);
    }
    return [...names].map((name) => {
      const [client = "", point = ""] = name.split("\0");
      return { client, point };
    });
  } finally {
    db.close();
  }
}

import { createHash } from "node:crypto";
import { join } from "node:path";
import { installationMark } from "@caudal/compliance";
import type { EngineChoice } from "../engine-settings.ts";

/** Where keys lie that no setting gives. A backup does not hold it. */
export function keyFolder(dataDirectory: string): string {
  return join(dataDirectory, "compliance");
}

/**
 * What tells this installation from a copy of its data: a file in the data folder, or where the server of the documents is. What was put into another place, as a restored backup is, has another mark, and sends
 * nothing until a person says so.
 */
export async function placeMark({ dataDirectory, documents }: { readonly dataDirectory: string; readonly documents: EngineChoice }): Promise<string> {
  if (documents.kind === "embedded") return installationMark(join(keyFolder(dataDirectory), "installation"));
  return createHash("sha256").update(`${documents.kind} ${documents.place}`).digest("hex").slice(0, 32);
}

import { checkSchemas, readSchemaFiles } from "@caudal/schemas";
import type { CommandContext } from "../commandline/command.ts";
import type { Finding } from "./finding.ts";

export async function examineSchemas({ say }: CommandContext): Promise<readonly Finding[]> {
  const count = checkSchemas().length;
  return [{ check: "schemas", ok: count === 0, text: count === 0 ? say("doctor.schemas", { count: readSchemaFiles().length }) : say("doctor.schema-findings", { count }) }];
}

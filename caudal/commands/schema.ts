import type { Command } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";

export const schemaCheck: Command = {
  name: "schema check",
  usage: "",
  spec: {},
  async run({ json, terminal, say }) {
    const { checkSchemas, fingerprint, readSchemaFiles } = await import("@caudal/schemas");
    const findings = checkSchemas();
    const versions = readSchemaFiles().map(({ subject, version, id, json: text }) => ({ subject, version, id, sha256: fingerprint(text) }));
    if (json) terminal.json({ versions, findings });
    else {
      for (const version of versions) terminal.line(say("schema.version", version));
      for (const { subject, version, what, detail } of findings) terminal.complain(`${subject} v${version}: ${what}: ${detail}`);
      if (findings.length === 0) terminal.line(say("schema.ok", { count: versions.length }));
    }
    return findings.length === 0 ? exitCodes.ok : exitCodes.finding;
  },
};

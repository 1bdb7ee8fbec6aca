import { parseArgs } from "node:util";
import { pathToFileURL } from "node:url";
import { reportText } from "./auditor/report.ts";
import { auditInstallation } from "./evidence/audit-installation.ts";
import { liveRecordingOf } from "./evidence/live-recording.ts";

const USAGE = `node regression/integrity/audit.ts --truth DIR (--data DIR | --http URL) [--live FILE] [--verdicts FILE] [--examples N] [--json]

Says of each reading that a simulated fleet sent what became of it, by every store of a stopped installation (--data; engines by CAUDAL_LOG,
CAUDAL_WARM … as the installation had them) or by what a running one answers (--http). The installation must have drained.
Exit codes: 0 nothing found, 1 findings, 2 usage, 3 it cannot be read.
`;

interface Streams {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

/** The command line of the auditor; resolves with the exit code. */
export async function runAudit(argv: readonly string[], env: Readonly<Record<string, string | undefined>>, { out, error }: Streams): Promise<number> {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: { truth: { type: "string" }, data: { type: "string" }, http: { type: "string" }, live: { type: "string" }, verdicts: { type: "string" }, examples: { type: "string" }, json: { type: "boolean" } },
    }));
  } catch (problem) {
    error(`${problem instanceof Error ? problem.message : String(problem)}\n\n${USAGE}`);
    return 2;
  }
  const { truth, data, http, live, verdicts, examples, json } = values;
  if (truth === undefined || (data === undefined) === (http === undefined) || (examples !== undefined && !/^\d+$/.test(examples))) {
    error(USAGE);
    return 2;
  }
  try {
    const verdict = await auditInstallation({
      truthDirectory: truth, env,
      ...(data === undefined ? {} : { dataDirectory: data }), ...(http === undefined ? {} : { http }), ...(verdicts === undefined ? {} : { verdictsFile: verdicts }),
      ...(live === undefined ? {} : { live: await liveRecordingOf(live) }), ...(examples === undefined ? {} : { examplesPerKind: Number(examples) }),
    });
    out(json === true ? `${JSON.stringify(verdict)}\n` : reportText(verdict));
    return verdict.ok ? 0 : 1;
  } catch (problem) {
    error(`the audit could not be done: ${problem instanceof Error ? problem.message : String(problem)}\n`);
    return 3;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await runAudit(process.argv.slice(2), process.env, { out: (text) => process.stdout.write(text), error: (text) => process.stderr.write(text) });
}

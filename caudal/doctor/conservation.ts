import { CaudalError } from "@caudal/core";
import type { CommandContext } from "../commandline/command.ts";
import type { Finding } from "./finding.ts";

interface Conservation {
  readonly lines: readonly unknown[];
  readonly findings: readonly { readonly id: string; readonly group: string; readonly partition: number; readonly fromOffset: number; readonly toOffset: number; readonly missing: number; readonly detail: string }[];
}

/** What a running installation counted that does not add up, each with what to do about it. */
export async function examineConservation({ reachable, api, say }: CommandContext): Promise<readonly Finding[]> {
  if (!reachable) return [];
  try {
    const { lines, findings } = await api().get<Conservation>("/api/v1/archiver/conservation");
    if (findings.length === 0) return [{ check: "conservation", ok: true, text: say("doctor.conserved", { count: lines.length }) }];
    return findings.map(({ id, fromOffset: from, toOffset: to, ...rest }) => ({ check: "conservation", ok: false, text: say("doctor.residual", { ...rest, id, from, to }) }));
  } catch (error) {
    // One that does not answer, or not to this caller, is told of by the installation's own examination.
    if (error instanceof CaudalError) return [];
    throw error;
  }
}

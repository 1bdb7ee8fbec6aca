import type { DigestRow, Evidence, PointRef } from "./evidence.ts";
import type { Findings } from "./findings.ts";

export interface DigestAudit {
  readonly device: string;
  readonly ref: PointRef;
  readonly evidence: Evidence;
  readonly findings: Findings;
}

/** Tiers that hold a whole UTC day must give the same digest of it: each computes its own, so this is a second witness beside the facts. */
export async function judgeDigests({ device, ref, evidence, findings }: DigestAudit): Promise<void> {
  if (evidence.digests === undefined) return;
  const byDay = new Map<number, DigestRow[]>();
  for await (const row of evidence.digests(ref)) {
    findings.look("digests");
    const known = byDay.get(row.dayStartUs);
    if (known === undefined) byDay.set(row.dayStartUs, [row]);
    else known.push(row);
  }
  for (const [dayStartUs, rows] of byDay) {
    const last = rows.at(-1)!;
    for (const row of rows) {
      if (row.hash === last.hash && row.facts === last.facts) continue;
      findings.add({ kind: "digest-differs", where: row.tier, device, point: ref.point, instantUs: dayStartUs, detail: `${row.tier} and ${last.tier} give different digests of the day`, expected: last, found: row });
    }
  }
}

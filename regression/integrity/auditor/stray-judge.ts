import type { DirectoryView } from "./directory-view.ts";
import type { Evidence } from "./evidence.ts";
import type { Findings } from "./findings.ts";
import type { Fleet } from "./truth.ts";

/** Points that a tier names and that should not be there: of the fleet under another client, or of the fleet's client without any device. */
export async function judgeStrays({ client }: Fleet, { tiers }: Evidence, directory: DirectoryView, findings: Findings): Promise<void> {
  for (const tier of tiers) {
    if (tier.points === undefined) {
      findings.note("tiers that cannot name their own points");
      continue;
    }
    for await (const ref of tier.points(client)) {
      const stray = directory.strayOwner(ref, client);
      if (stray === undefined) continue;
      if (stray.isForeign) findings.add({ kind: "foreign", where: tier.name, device: stray.device, point: ref.point, detail: `facts of the point stand under client ${ref.client}` });
      else findings.add({ kind: "invented", where: tier.name, device: "", point: ref.point, detail: "a point of the client that no device explains" });
    }
  }
}

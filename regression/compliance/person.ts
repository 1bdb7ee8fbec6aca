import { systemScope } from "@caudal/core";
import type { Obra } from "../../compliance/obras/obra.ts";
import type { SlotBook } from "../../compliance/slots/slot-book.ts";
import type { Random } from "../simulation/time/random.ts";

export interface Reviewed {
  confirmed: number;
  annulled: number;
}

/** A person who looks at all that is held, and confirms most of it. */
export async function review(slots: SlotBook, obras: readonly Obra[], random: Random, reviewed: Reviewed): Promise<void> {
  for (const { work, client } of obras) {
    for (const { slotUs } of (await slots.find(systemScope, { work, standing: "held", limit: 100 })).items) {
      const decision = random.chance(0.7) ? "confirm" : "annul";
      const entry = await slots.append({ work, client }, slotUs, { by: "ana", decide: ({ standing }) => (standing === "held" ? { kind: "reviewed", slotUs, decision, reason: "looked at" } : undefined) });
      if (entry === undefined) continue;
      if (decision === "confirm") reviewed.confirmed += 1;
      else reviewed.annulled += 1;
    }
  }
}

import { hasCode, systemScope, type CollectionSpec, type Documents } from "@caudal/core";
import type { Clock } from "../clock/clock.ts";

/** Who does some work that one process is enough for. Document id: the work. */
interface Lease {
  readonly holder: string;
  readonly untilUs: number;
}

const collectionSpec: CollectionSpec = { name: "leases", tenant: false };
/** How long a lease holds unless it is taken again before. */
export const LEASE_US = 60_000_000;

export interface LeaseOptions {
  readonly documents: Documents;
  readonly clock: Clock;
  readonly work: string;
  readonly holder: string;
}

/**
 * Takes the lease, or holds on to it; false while another has it. It only saves work: two who hold it for a moment, because a clock jumped or a
 * process stood still, do the same thing twice without harm.
 */
export async function takeLease({ documents, clock, work, holder }: LeaseOptions): Promise<boolean> {
  const leases = await documents.collection<Lease>(collectionSpec);
  const nowUs = clock.nowUs();
  const standing = await leases.get(systemScope, work);
  // One that lasts longer than any is given was written by a clock that was wrong.
  if (standing !== undefined && standing.body.holder !== holder && standing.body.untilUs > nowUs && standing.body.untilUs <= nowUs + 2 * LEASE_US) return false;
  const document = { id: work, body: { holder, untilUs: nowUs + LEASE_US } };
  try {
    if (standing === undefined) await leases.insert(systemScope, document);
    else await leases.replace(systemScope, document, standing.version);
    return true;
  } catch (error) {
    if (hasCode(error, "version-conflict") || hasCode(error, "duplicate-key")) return false;
    throw error;
  }
}

/** Lets the next process have it at once. */
export async function leaveLease({ documents, work, holder }: Omit<LeaseOptions, "clock">): Promise<void> {
  const leases = await documents.collection<Lease>(collectionSpec);
  const standing = await leases.get(systemScope, work);
  if (standing?.body.holder !== holder) return;
  await leases.remove(systemScope, work, standing.version).catch((error: unknown) => {
    if (!hasCode(error, "version-conflict")) throw error;
  });
}

import { randomUUID } from "node:crypto";
import type { Documents } from "@caudal/core";
import { leaveLease, takeLease, type Clock } from "@caudal/runtime";

/** Which control centres this process sends for. A lease keeps their sends serial; that a slot is sent once is for the chains to say. */
export class CentreLeases {
  readonly #documents: Documents | undefined;
  readonly #clock: Clock;
  readonly #holder = randomUUID();
  readonly #held = new Set<string>();

  /** Without documents every centre is this process's. */
  constructor(documents: Documents | undefined, clock: Clock) {
    this.#documents = documents;
    this.#clock = clock;
  }

  /** False while another process sends for it. Holds for a minute, which is longer than a centre's turn in a round. */
  async take(centreRut: string): Promise<boolean> {
    if (this.#documents === undefined) return true;
    const taken = await takeLease({ documents: this.#documents, clock: this.#clock, work: workOf(centreRut), holder: this.#holder });
    if (taken) this.#held.add(centreRut);
    return taken;
  }

  /** Lets the next process have them at once. */
  async leave(): Promise<void> {
    const documents = this.#documents;
    if (documents === undefined) return;
    for (const centreRut of this.#held) await leaveLease({ documents, work: workOf(centreRut), holder: this.#holder });
    this.#held.clear();
  }
}

function workOf(centreRut: string): string {
  return `submission/${centreRut}`;
}

import { CaudalError } from "@caudal/core";
import { systemSleep, type ApiRequest, type Operation } from "@caudal/runtime";

const LOOK_EVERY_MS = 20;

/** Requests that change something, so that they can be kept out for a while and those under way waited for. */
export class Changes {
  #isOpen = true;
  #underWay = 0;

  open(): void {
    this.#isOpen = true;
  }

  close(): void {
    this.#isOpen = false;
  }

  /** Resolves when those under way have ended. CaudalError "timeout" when they do not. */
  async ended(withinMs: number): Promise<void> {
    const endMs = performance.now() + withinMs;
    while (this.#underWay > 0) {
      if (performance.now() > endMs) throw new CaudalError("timeout", `${this.#underWay} changes are still under way`);
      await systemSleep(LOOK_EVERY_MS);
    }
  }

  /** The operation as `current` has it at each request; "unavailable" while changes are kept out, unless it only reads. */
  guarded(operation: Operation, current: () => Operation): Operation {
    if (operation.method === "GET") return { ...operation, handle: (request: ApiRequest) => current().handle(request) };
    return {
      ...operation,
      handle: async (request: ApiRequest) => {
        if (!this.#isOpen) throw new CaudalError("unavailable", "a rehearsal is being forgotten; ask again in a moment", { retry: "yes" });
        this.#underWay += 1;
        try {
          return await current().handle(request);
        } finally {
          this.#underWay -= 1;
        }
      },
    };
  }
}

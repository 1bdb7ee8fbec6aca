import type { FleetMessage } from "../fleet/message.ts";

/** The fleet's messages, with a look at the next one. */
export class Source {
  readonly #messages: Generator<FleetMessage, void, undefined>;
  #next: FleetMessage | undefined;

  constructor(messages: Generator<FleetMessage, void, undefined>) {
    this.#messages = messages;
  }

  /** Undefined at the fleet's end. */
  peek(): FleetMessage | undefined {
    this.#next ??= this.#messages.next().value ?? undefined;
    return this.#next;
  }

  /** Up to so many messages that are sent by then. */
  take(most: number, untilUs: number): readonly FleetMessage[] {
    const taken: FleetMessage[] = [];
    for (let next = this.peek(); next !== undefined && taken.length < most && next.atUs <= untilUs; next = this.peek()) {
      taken.push(next);
      this.#next = undefined;
    }
    return taken;
  }

  /** Lets the fleet tell what was under way. */
  close(): void {
    this.#messages.return();
  }
}

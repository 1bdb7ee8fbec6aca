import type { GroupName } from "@caudal/core";
import type { Ports } from "../../caudal/composition/ports.ts";
import type { EngineName } from "../../tools/engines/engine.ts";
import type { Fleet } from "./fleet.ts";
import type { Stage } from "./stage.ts";

/** What a scenario acts on. */
export interface Theatre {
  readonly stages: Readonly<Record<EngineName, Stage>>;
  readonly fleet: Fleet;
  /** Opens ports as an operator's tool would, and closes them after the work. */
  withPorts(work: (ports: Pick<Ports, "log" | "documents">) => Promise<void>): Promise<void>;
  /** Said in the report beside the verdict. */
  note(text: string): void;
}

/** One kind of trouble under load. */
export interface Scenario {
  readonly name: string;
  /** What happens, for the report. */
  readonly what: string;
  /** Groups whose store or process is hurt and which may fall behind; "all" where the log itself is. The others must not be delayed. */
  readonly mayDelay: readonly GroupName[] | "all";
  /** Makes the trouble last for so long, then mends it; resolves when nothing is broken on purpose any more. */
  run(theatre: Theatre, forMs: number): Promise<void>;
  /** Milliseconds that the trouble lasts in the whole run; what `forMs` is then. */
  readonly lastsMs: number;
}

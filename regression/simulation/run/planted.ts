import type { CaudalError, ConsumeOptions, EventLog, SeriesTier } from "@caudal/core";
import type { SimulatedPorts } from "../world/ports.ts";
import type { Sabotage } from "./fleet.ts";

/** Faults that are planted to see that the simulation finds them: each breaks one promise, and nothing shows while nothing goes wrong. */
export const plantedFaults: Readonly<Record<string, Sabotage>> = {
  /** A log that acknowledges a publish when it has it in memory. */
  "publish before durable": (ports) => ({ ...ports, log: replaced(ports.log, "publish", async (...given: Parameters<EventLog["publish"]>) => void ports.log.publish(...given).catch(ignored)) }),
  /** A consumer that commits a batch that is still being handled. */
  "commit before handled": (ports) => ({
    ...ports, log: replaced(ports.log, "consume", (options: ConsumeOptions) => ports.log.consume({
      ...options, handler: { ...options.handler, handle: async (batch, assignment) => void options.handler.handle(batch, assignment).catch(ignored) },
    })),
  }),
  /** A tier whose client drops what failed for a reason that a retry would mend. */
  "tier swallows a refusal": (ports) => ({ ...ports, warm: replaced(ports.warm, "write", async (...given: Parameters<SeriesTier["write"]>) => ports.warm.write(...given).catch((error: CaudalError) => ({ stored: 0, superseded: 0, duplicate: 0, belowFloor: 0, failed: [], error }))) }),
  /** An archive that says a segment is there when it is on its way. */
  "segment before durable": (ports) => ({ ...ports, segments: replaced(ports.segments, "put", async (...given: Parameters<SimulatedPorts["segments"]["put"]>) => void ports.segments.put(...given).catch(ignored)) }),
};

function ignored(): void {
  // The planted fault: nobody is told.
}

function replaced<P extends object>(port: P, name: keyof P, method: unknown): P {
  return new Proxy(port, {
    get: (target, property) => {
      if (property === name) return method;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? (value as () => unknown).bind(target) : value;
    },
  });
}

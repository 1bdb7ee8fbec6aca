import { createParker } from "@caudal/runtime";
import { faultyPorts } from "./faulty-ports.ts";
import type { Foundation } from "./foundation.ts";

/** The same foundation with fault points around what one service makes durable; untouched where nobody asked for faults. */
export function foundationOf<F extends Foundation<never>>(foundation: F, service: string): F {
  const { faults, codec, metrics } = foundation;
  if (faults === undefined) return foundation;
  const ports = faultyPorts(foundation.ports, service, faults);
  return { ...foundation, ports, parker: createParker({ log: ports.log, codec, metrics }) };
}

import { faultyDocuments, faultyEventLog, faultySegments, faultyTier, type FaultPoints } from "@caudal/runtime";
import type { PortName, Ports } from "./ports.ts";

/** The ports that a service writes to, each with its points. */
export function faultyPorts<P extends PortName>(ports: Pick<Ports, P>, service: string, faults: FaultPoints | undefined): Pick<Ports, P> {
  if (faults === undefined) return ports;
  const { log, documents, archive, hot, warm, cold } = ports as Partial<Ports>;
  const wrapped: Partial<Ports> = {
    ...(log === undefined ? {} : { log: faultyEventLog(log, service, faults) }),
    ...(documents === undefined ? {} : { documents: faultyDocuments(documents, service, faults) }),
    ...(archive === undefined ? {} : { archive: faultySegments(archive, service, faults) }),
    ...(hot === undefined ? {} : { hot: faultyTier(hot, service, faults) }),
    ...(warm === undefined ? {} : { warm: faultyTier(warm, service, faults) }),
    ...(cold === undefined ? {} : { cold: faultyTier(cold, service, faults) }),
  };
  return { ...ports, ...wrapped };
}

import type { Assignment, CollectionSpec, ConsumeOptions, DocumentCollection, Documents, EventLog, PartitionHandler, SegmentStore, SeriesTier } from "@caudal/core";
import { atStep, type FaultPoints } from "./fault-points.ts";
import { wrapSteps } from "./wrap-steps.ts";

/**
 * The same log with points around what it makes durable and around the handlers of the service's groups. Where a group commits after its
 * handler, `consumer.handle/after` lies between the effects and the commit, and the next `consumer.handle/before` behind the commit.
 */
export function faultyEventLog(log: EventLog, service: string, faults: FaultPoints): EventLog {
  const steps = wrapSteps(log, {
    publish: (topic) => `log.publish(${topic})`,
    trimBefore: (topic) => `log.trimBefore(${topic})`,
    setOffset: (_topic, group) => `log.setOffset(${group})`,
    advanceTo: (topic) => `log.advanceTo(${topic})`,
  }, service, faults);
  const consume = (options: ConsumeOptions): ReturnType<EventLog["consume"]> => log.consume({ ...options, handler: faultyHandler(options.handler, options.group, service, faults) });
  return new Proxy(steps, { get: (target, property) => (property === "consume" ? consume : (Reflect.get(target, property, target) as unknown)) });
}

function faultyHandler(handler: PartitionHandler, group: string, service: string, faults: FaultPoints): PartitionHandler {
  const step = <T>(name: string, call: () => Promise<T>): Promise<T> => atStep(faults, `${service}/consumer.${name}(${group})`, call);
  // The same assignment each time: a handler may keep it, and compare.
  const assignments = new WeakMap<Assignment, Assignment>();
  const committing = (assignment: Assignment): Assignment => {
    const known = assignments.get(assignment);
    if (known !== undefined) return known;
    const { topic, partition, generation, signal } = assignment;
    const wrapped: Assignment = {
      topic, group, partition, generation, signal,
      commit: (nextOffset) => step("commit", () => assignment.commit(nextOffset)),
      heartbeat: () => assignment.heartbeat(),
    };
    assignments.set(assignment, wrapped);
    return wrapped;
  };
  return {
    ...(handler.assigned === undefined ? {} : { assigned: (assignment) => step("assigned", async () => handler.assigned?.(committing(assignment))) }),
    handle: (batch, assignment) => step("handle", () => handler.handle(batch, committing(assignment))),
    ...(handler.revoked === undefined ? {} : { revoked: (assignment, lost) => step("revoked", async () => handler.revoked?.(committing(assignment), lost)) }),
  };
}

/** The same tier with points around its writes, named by the tier. */
export function faultyTier(tier: SeriesTier, service: string, faults: FaultPoints): SeriesTier {
  const of = (operation: string) => (): string => `tier.${operation}(${tier.name})`;
  return wrapSteps(tier, { write: of("write"), raiseFloor: of("raiseFloor"), eraseClient: of("eraseClient"), pack: of("pack") }, service, faults);
}

/** The same store with points around each collection's writes, named by the collection. */
export function faultyDocuments(documents: Documents, service: string, faults: FaultPoints): Documents {
  const collection = async <T extends object>(spec: CollectionSpec): Promise<DocumentCollection<T>> => {
    const of = (operation: string) => (): string => `documents.${operation}(${spec.name})`;
    const names = { insert: of("insert"), replace: of("replace"), putMany: of("putMany"), restoreMany: of("restoreMany"), remove: of("remove") };
    return wrapSteps(await documents.collection<T>(spec), names, service, faults);
  };
  return new Proxy(documents, {
    get: (target, property) => {
      if (property === "collection") return collection;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? (value as () => unknown).bind(target) : value;
    },
  });
}

/** The same store with points around what it keeps and lets go. */
export function faultySegments(segments: SegmentStore, service: string, faults: FaultPoints): SegmentStore {
  return wrapSteps(segments, { put: () => "segments.put", remove: () => "segments.remove" }, service, faults);
}

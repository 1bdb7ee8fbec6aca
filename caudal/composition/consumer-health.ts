import type { ConsumerStatus, HealthCheck } from "@caudal/runtime";

/** Degraded while a group cannot go on by itself: a failing batch is tried again, a breaker waits for a person or for time. */
export function consumerHealth(consumers: readonly ConsumerStatus[]): HealthCheck {
  const troubled = consumers.filter(({ state }) => state !== "running").map(({ group, state, failing }) => `${group} ${state}${failing[0] === undefined ? "" : ` (partition ${failing[0].partition}, try ${failing[0].attempt})`}`);
  return troubled.length === 0 ? { status: "ok" } : { status: "degraded", detail: troubled.join("; ") };
}

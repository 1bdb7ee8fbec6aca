import { settleWithin } from "../lifecycle/settle-within.ts";

/** degraded: works, but somebody should look. failing: cannot do its work. */
export type HealthStatus = "ok" | "degraded" | "failing";

export interface HealthCheck {
  readonly status: HealthStatus;
  /** One line without secrets. */
  readonly detail?: string;
}

export interface HealthReport {
  readonly status: HealthStatus;
  readonly components: readonly ({ readonly name: string } & HealthCheck)[];
}

/** What a server asks for /health and /readyz. */
export interface HealthSource {
  report(): Promise<HealthReport>;
}

export interface Health extends HealthSource {
  /** A check that throws or takes more than two seconds is failing. The function returned takes it out. */
  add(name: string, check: () => Promise<HealthCheck> | HealthCheck): () => void;
}

const CHECK_MS = 2000;
const order: readonly HealthStatus[] = ["ok", "degraded", "failing"];

export function createHealth(): Health {
  const checks = new Map<string, () => Promise<HealthCheck> | HealthCheck>();

  async function run(check: () => Promise<HealthCheck> | HealthCheck): Promise<HealthCheck> {
    const outcome = await settleWithin(check, CHECK_MS);
    if (outcome.kind === "done") return outcome.value;
    if (outcome.kind === "late") return { status: "failing", detail: `no answer in ${CHECK_MS} ms` };
    return { status: "failing", detail: outcome.error instanceof Error ? outcome.error.name : "failed" };
  }

  return {
    add: (name, check) => {
      checks.set(name, check);
      return () => void checks.delete(name);
    },
    report: async () => {
      const components = await Promise.all([...checks].map(async ([name, check]) => ({ name, ...(await run(check)) })));
      const worst = components.reduce((found, { status }) => Math.max(found, order.indexOf(status)), 0);
      return { status: order[worst] ?? "failing", components };
    },
  };
}

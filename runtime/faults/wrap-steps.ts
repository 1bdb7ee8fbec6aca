import { atStep, type FaultPoints } from "./fault-points.ts";

/** Methods of a port that do something durable: what the call is named, from its arguments. */
export type StepNames<P> = {
  readonly [K in keyof P]?: NonNullable<P[K]> extends (...given: infer A) => Promise<unknown> ? (...given: A) => string : never;
};

type Method = (...given: unknown[]) => Promise<unknown>;

/** The same port with points around the methods of the table; all else goes through as it is, so that a port may grow. */
export function wrapSteps<P extends object>(port: P, names: StepNames<P>, service: string, faults: FaultPoints): P {
  const wrapped = new Map<string | symbol, Method>();
  for (const [method, name] of Object.entries(names) as [string, (...given: unknown[]) => string][]) {
    const inner = (port as Record<string, Method | undefined>)[method];
    if (inner !== undefined) wrapped.set(method, (...given) => atStep(faults, `${service}/${name(...given)}`, () => inner.apply(port, given)));
  }
  return new Proxy(port, {
    get: (target, property) => {
      const method = wrapped.get(property);
      if (method !== undefined) return method;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? (value as Method).bind(target) : value;
    },
  });
}

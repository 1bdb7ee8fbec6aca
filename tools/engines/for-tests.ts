import { test } from "node:test";
import type { EngineName } from "./engine.ts";

/** Where the run of the tests says that an engine answers, as `CAUDAL_TEST_KAFKA=kafka://127.0.0.1:9092`. */
export function engineUrl(name: EngineName): string | undefined {
  return process.env[`CAUDAL_TEST_${name.toUpperCase()}`];
}

/**
 * Registers the tests of an engine with its URL. Without one, registers a skip that says how to have it; in CI that is a failure.
 */
export function withEngine(name: EngineName, register: (url: string) => void): void {
  const url = engineUrl(name);
  if (url !== undefined) return register(url);
  const why = process.env[`CAUDAL_TEST_${name.toUpperCase()}_MISSING`];
  const reason = `no ${name} was started for the tests${why ? ` (${why})` : ""}: npm run test:engines`;
  if (process.env["CI"] === "true") test(name, () => Promise.reject(new Error(reason)));
  else test(name, { skip: reason }, () => undefined);
}

/** The same with several engines: their tests are registered when all of them are there. */
export function withEngines<const N extends EngineName>(names: readonly N[], register: (urls: Readonly<Record<N, string>>) => void): void {
  const next = (left: readonly N[], found: Partial<Record<N, string>>): void => {
    const [name, ...rest] = left;
    if (name === undefined) register(found as Record<N, string>);
    else withEngine(name, (url) => next(rest, { ...found, [name]: url }));
  };
  next(names, {});
}

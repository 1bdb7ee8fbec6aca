import { parseArgs } from "node:util";

/** What `npm test -- …` was asked for. */
export interface TestOptions {
  /** Only test files whose path matches one of these globs; coverage is then printed, not judged. */
  readonly only: readonly string[];
  /** Whether the checks run before the tests. */
  readonly checks: boolean;
  /** Whether engines that are not here yet are fetched, so that everything runs. */
  readonly engines: boolean;
}

export const usage = "npm test -- [--only PATH-GLOB]… [--no-checks] [--engines]";

/** Reads the arguments after `npm test --`; throws with the reason on one it does not know. */
export function readOptions(args: readonly string[]): TestOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", multiple: true, default: [] },
      "no-checks": { type: "boolean", default: false },
      engines: { type: "boolean", default: false },
    },
  });
  return { only: values.only, checks: !values["no-checks"], engines: values.engines };
}

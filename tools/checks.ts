/** One check that stands before the tests. A failing one prints its own output and fails the run. */
export interface Check {
  /** What is checked, in a few words. */
  readonly name: string;
  /** The command from the root; a leading `node` is the Node that runs the checks. */
  readonly command: readonly string[];
  /** What to do when it fails. */
  readonly mend: string;
  /** The check is left out where this file does not exist. */
  readonly needs?: string;
}

/** Everything that is generated and committed has a row here; its command fails when the files are not fresh. */
const generated: readonly Check[] = [
  {
    name: "generated types fit the schemas",
    command: ["node", "schemas/generate-types.ts", "--check"],
    mend: "node schemas/generate-types.ts",
    needs: "schemas/generate-types.ts",
  },
  {
    name: "every schema version reads the others",
    command: ["node", "caudal/main.ts", "schema", "check"],
    mend: "schemas/README.md, \"A new version\"",
  },
  {
    name: "settings documents fit the settings",
    command: ["node", "caudal/composition/settings-documents.ts", "--check"],
    mend: "node caudal/composition/settings-documents.ts",
  },
];

/** In the order in which they begin. Rows with `turbo` are cached until a file they read changes. */
export const checks: readonly Check[] = [
  ...generated,
  // The longest first: two run side by side.
  { name: "lint", command: turbo("check:lint"), mend: "npx eslint --fix, then by hand" },
  { name: "types", command: turbo("check:types"), mend: "mend what tsc names" },
  { name: "types of the page", command: turbo("check:types:web"), mend: "mend what tsc names", needs: "web/tsconfig.json" },
  { name: "arrows between packages", command: turbo("check:arrows"), mend: "CONTRIBUTING.md, \"Arrows\"" },
  { name: "deployment files fit the code", command: ["node", "tools/deploy/check.ts"], mend: "mend what it names; docs/deploying.md says what is checked" },
  { name: "dead code and dependencies", command: turbo("check:dead"), mend: "remove it, or declare what is used" },
];

function turbo(task: string): string[] {
  return ["node_modules/.bin/turbo", "run", `//#${task}`, "--output-logs=errors-only", "--log-prefix=none", "--ui=stream"];
}

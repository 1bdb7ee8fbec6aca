const { readFileSync } = require("node:fs");
const { join } = require("node:path");

/**
 * Which package may import which (the design's arrows), as rules of dependency-cruiser. The build fails on every other
 * import between packages, on a cycle, on an import past another package's exports, and on a dependency that the
 * importing package does not declare.
 */
const services = ["collector", "processor", "archiver", "analytics", "business", "compliance"];
const below = ["schemas", "core", "runtime"];

/** For each folder that is a package: the packages that its own code may import. */
const allowed = {
  schemas: [],
  core: ["schemas"],
  runtime: ["core", "schemas"],
  "contract-tests": ["core", "schemas"],
  "adapters/[^/]+": ["core", "schemas"],
  ...Object.fromEntries(services.map((service) => [service, below])),
  web: [],
  "examples/fleet": [],
  simulator: [],
  sandbox: [],
  verifier: [],
  caudal: [...below, ...services, "contract-tests", "adapters/[^/]+", "web", "examples/fleet", "simulator", "sandbox", "verifier"],
};

/** May import anything, and nothing imports them. */
const free = "(\\.test\\.tsx?$|(^|/)(test-[^/]+(/|\\.tsx?$)|fixture/)|^regression/|^bench/|^docs/tour/|^tools/|^[^/]+\\.config\\.[jt]s$)";
const packages = Object.keys(allowed).join("|");

function arrow([folder, targets]) {
  const inside = [folder, ...targets].join("|");
  return {
    name: `arrows-of-${folder.split("/")[0]}`,
    comment: `${folder} may import ${targets.length === 0 ? "no package of ours" : targets.join(", ")}, and nothing else of ours`,
    severity: "error",
    from: { path: `^(${folder})/`, pathNot: free },
    to: { path: `^(${packages})/`, pathNot: `^(${inside})/` },
  };
}

/** A package imports one of ours only when its package.json declares it, so that it can be taken out alone. */
function declaredOnly({ folder, declared }, all) {
  const names = all.filter(({ name }) => declared.includes(name)).map((each) => each.folder);
  return {
    name: "undeclared",
    comment: `declare it in ${folder}/package.json`,
    severity: "error",
    from: { path: `^${folder}/`, pathNot: free },
    to: { path: `^(${all.map((each) => each.folder).join("|")})/`, pathNot: `^(${[folder, ...names].join("|")})/` },
  };
}

/** The packages of the tree that is checked, which is the folder we are run in. */
function workspaces() {
  const read = (folder) => JSON.parse(readFileSync(join(process.cwd(), folder, "package.json"), "utf8"));
  return read(".").workspaces.map((folder) => {
    const { name, dependencies = {} } = read(folder);
    return { folder, name, declared: Object.keys(dependencies) };
  });
}

module.exports = {
  forbidden: [
    ...Object.entries(allowed).map(arrow),
    ...workspaces().map((each, _, all) => declaredOnly(each, all)),
    {
      name: "adapter-to-adapter",
      comment: "an adapter never imports another adapter",
      severity: "error",
      from: { path: "^adapters/([^/]+)/", pathNot: free },
      to: { path: "^adapters/", pathNot: "^adapters/$1/" },
    },
    {
      name: "into-tests-and-tools",
      comment: "nothing imports tests, regression, bench, the tour or the tools, except they each other",
      severity: "error",
      from: { pathNot: free },
      to: { path: free },
    },
    {
      name: "auditor",
      comment: "the auditor is independent of the pipeline: it imports schemas only",
      severity: "error",
      from: { path: "^regression/integrity/auditor", pathNot: "\\.test\\.ts$" },
      to: { path: `^(${packages}|scripts|tools|bench)/`, pathNot: "^schemas/" },
    },
    {
      name: "past-the-exports",
      comment: "another package is imported by its name, through what its package.json exports",
      severity: "error",
      from: { path: `^(${packages})/`, pathNot: free },
      to: { path: `^(${packages})/`, pathNot: "^$1/", dependencyTypes: ["local", "localmodule"] },
    },
    {
      name: "cycle",
      comment: "two files that import each other cannot be read apart",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "undeclared",
      comment: "declare it in the package.json of the package that uses it",
      severity: "error",
      from: { pathNot: free },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown", "npm-dev", "npm-optional"] },
    },
    {
      name: "not-found",
      comment: "the import resolves to nothing",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(data|examples/data|\\.node|web/browser/vendor)/" },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    parser: "tsc",
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".js", ".json", ".d.ts"],
    },
  },
};

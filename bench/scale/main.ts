import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { knownCosts } from "./costs.ts";
import { computedParts, withParts } from "./document.ts";

/** Computes the tables of docs/scale.md anew from the baselines that stand in regression/performance; with `--check` it only compares. */
const path = join(import.meta.dirname, "..", "..", "docs", "scale.md");
const before = readFileSync(path, "utf8");
const after = withParts(before, computedParts(knownCosts()));
if (process.argv.includes("--check")) {
  if (after !== before) {
    process.stderr.write("docs/scale.md is not what the baselines give: node bench/scale/main.ts\n");
    process.exitCode = 1;
  }
} else if (after === before) process.stdout.write("docs/scale.md stands\n");
else {
  writeFileSync(path, after);
  process.stdout.write("docs/scale.md is written\n");
}

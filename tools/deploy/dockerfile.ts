import { readFileSync } from "node:fs";
import { join, matchesGlob } from "node:path";

/** One instruction of the Dockerfile: `COPY`, and what follows it on one line. */
export interface Instruction {
  readonly word: string;
  readonly rest: string;
  /** 0 for the first FROM's stage. */
  readonly stage: number;
}

export function readDockerfile(root: string): readonly Instruction[] {
  const lines = readFileSync(join(root, "Dockerfile"), "utf8").replace(/\\\n/g, " ").split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
  let stage = -1;
  return lines.map((line) => {
    const [word = "", ...rest] = line.trim().split(/\s+/);
    if (word === "FROM") stage += 1;
    return { word, rest: rest.join(" "), stage };
  });
}

/** ENV of the last stage. */
export function dockerEnvironment(root: string): Record<string, string> {
  const all = readDockerfile(root);
  const last = Math.max(...all.map(({ stage }) => stage));
  return Object.fromEntries(all.filter(({ word, stage }) => word === "ENV" && stage === last).flatMap(({ rest }) => rest.split(/\s+/).map((pair) => pair.split("=", 2) as [string, string])));
}

/** What COPY takes from the checkout in a stage, as pairs of source and target. */
export function copies(root: string, wanted: "first" | "last"): readonly (readonly [from: string, to: string])[] {
  const all = readDockerfile(root);
  const stage = wanted === "first" ? 0 : Math.max(...all.map((each) => each.stage));
  return all.filter((each) => each.word === "COPY" && each.stage === stage && !each.rest.startsWith("--from")).flatMap(({ rest }) => {
    const words = rest.split(/\s+/);
    const to = words.pop() ?? "";
    return words.map((from) => [from, to] as const);
  });
}

/** Whether .dockerignore keeps a path of the checkout out of what the image is made of: the last line that fits decides. */
export function isIgnored(root: string, path: string): boolean {
  const rules = readFileSync(join(root, ".dockerignore"), "utf8").split("\n").map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  const parents = path.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/"));
  return rules.reduce((ignored, rule) => {
    const keeps = rule.startsWith("!");
    const glob = keeps ? rule.slice(1) : rule;
    // Docker's globs match names that begin with a dot too.
    return glob === "**" || parents.some((parent) => matchesGlob(parent, glob)) ? !keeps : ignored;
  }, false);
}

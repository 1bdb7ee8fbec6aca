import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ownServices, readCompose } from "../compose-file.ts";
import { copies, isIgnored, readDockerfile } from "../dockerfile.ts";
import { readPackageVersion } from "../package-version.ts";

const packageSchema = z.object({ name: z.string(), workspaces: z.array(z.string()).default([]), dependencies: z.record(z.string(), z.string()).default({}) });

function readPackage(root: string, folder: string): z.output<typeof packageSchema> {
  return packageSchema.parse(JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")));
}

/** Folders of the workspaces that `folder` needs to run, itself included. */
export function neededWorkspaces(root: string, folder = "caudal"): readonly string[] {
  const folders = new Map(readPackage(root, ".").workspaces.map((each) => [readPackage(root, each).name, each]));
  const needed = new Set<string>();
  const visit = (each: string): void => {
    if (needed.has(each)) return;
    needed.add(each);
    for (const name of Object.keys(readPackage(root, each).dependencies)) {
      const next = folders.get(name);
      if (next !== undefined) visit(next);
    }
  };
  visit(folder);
  return [...needed];
}

const covered = (folder: string, sources: readonly string[]): boolean => sources.some((source) => folder === source || folder.startsWith(`${source}/`));

/** The image holds what runs and no more, runs as nobody special, and says how it does. */
export function checkImage(root: string): string[] {
  const instructions = readDockerfile(root);
  const last = Math.max(...instructions.map(({ stage }) => stage));
  const final = instructions.filter(({ stage }) => stage === last);
  const findings: string[] = [];
  const sources = { first: copies(root, "first").map(([from]) => from), last: copies(root, "last").map(([from]) => from) };
  for (const from of [...sources.first, ...sources.last]) {
    if (!existsSync(join(root, from))) findings.push(`Dockerfile: ${from} is not there`);
    else if (isIgnored(root, from)) findings.push(`Dockerfile: .dockerignore keeps ${from} out`);
  }
  for (const folder of readPackage(root, ".").workspaces) {
    if (!sources.first.includes(`${folder}/package.json`)) findings.push(`Dockerfile: npm ci needs ${folder}/package.json`);
  }
  for (const folder of neededWorkspaces(root)) if (!covered(folder, sources.last)) findings.push(`Dockerfile: ${folder} runs, and is not in the image`);
  for (const { rest } of instructions.filter(({ word }) => word === "FROM")) if (!/^[\w./-]+:\d+\.\d+\.\d+[\w.-]*( AS \w+)?$/.test(rest)) findings.push(`Dockerfile: FROM ${rest} is not pinned`);
  // The last stage takes node_modules of the root alone.
  const locked = z.object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional() })) }).parse(JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"))).packages;
  for (const [path, { dev }] of Object.entries(locked)) if (dev !== true && /^(?!node_modules\/).+\/node_modules\//.test(path)) findings.push(`Dockerfile: ${path} of the lock file is not in the image`);
  const user = final.findLast(({ word }) => word === "USER")?.rest;
  if (user === undefined || user === "root" || user === "0") findings.push("Dockerfile: runs as root");
  for (const word of ["HEALTHCHECK", "ENTRYPOINT", "STOPSIGNAL", "EXPOSE"]) if (!final.some((each) => each.word === word)) findings.push(`Dockerfile: no ${word}`);
  for (const path of ["caudal/main.unit.test.ts", "node_modules/x", "core/test-parts/x.ts", ".git", "docs", "data", "tools"]) if (!isIgnored(root, path)) findings.push(`.dockerignore lets ${path} in`);

  const version = readPackageVersion(root);
  for (const [name, { image }] of ownServices(readCompose(root))) if (image !== `caudal:${version}`) findings.push(`compose ${name}: ${image} is not the version of package.json, ${version}`);
  return findings;
}

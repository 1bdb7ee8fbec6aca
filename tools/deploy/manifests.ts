import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";

const objectSchema = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).optional() }) });

/** One object of deploy/k8s/base, and the file it stands in. */
export type Manifest = z.output<typeof objectSchema> & { readonly file: string };

export const BASE = "deploy/k8s/base";
export const EXAMPLE = "deploy/k8s/example";

/** Names of the base's resource files, in the order of its kustomization. */
export function resourceFiles(root: string): readonly string[] {
  return z.object({ resources: z.array(z.string()) }).parse(parse(readFileSync(join(root, BASE, "kustomization.yaml"), "utf8"))).resources;
}

/** Every object of the base. Throws where a document is none. */
export function readManifests(root: string): readonly Manifest[] {
  return resourceFiles(root).flatMap((file) => parseAllDocuments(readFileSync(join(root, BASE, file), "utf8"), { merge: true }).map((document) => {
    if (document.errors[0] !== undefined) throw new Error(`${file}: ${document.errors[0].message}`);
    return { ...objectSchema.parse(document.toJS()), file };
  }));
}

/** Files of the base that its kustomization leaves out. */
export function forgottenFiles(root: string): readonly string[] {
  const named = new Set([...resourceFiles(root), "kustomization.yaml"]);
  return readdirSync(join(root, BASE)).filter((file) => !named.has(file));
}

/** `NAME=value` lines of a file of the example. */
export function readEnvFile(root: string, file: string): Record<string, string> {
  const lines = readFileSync(join(root, EXAMPLE, file), "utf8").split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

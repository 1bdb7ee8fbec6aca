import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { readManifests, type Manifest } from "../manifests.ts";

/** A class of kubernetes-models. */
type Model = new (data: object) => { validate(): void };

const modules = join(import.meta.dirname, "..", "..", "..", "node_modules");

/** Wrong types and values, by the validators of kubernetes-models. */
async function validated({ apiVersion, kind, file, ...rest }: Manifest): Promise<string[]> {
  const where = `k8s ${file}: ${kind} ${rest.metadata.name}`;
  const loaded = await import(`kubernetes-models/${apiVersion}/${kind}`).catch(() => undefined) as Record<string, Model> | undefined;
  const model = loaded?.[kind];
  if (model === undefined) return [`${where}: Kubernetes has no ${apiVersion} ${kind}`];
  try {
    new model(rest).validate();
    return [];
  } catch (error) {
    return [`${where}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** `networking.k8s.io/v1` is `networking/v1` of kubernetes-types, `v1` is `core/v1`. */
function typesOf(apiVersion: string): string {
  const [group = "", version] = apiVersion.split("/");
  return version === undefined ? `core/${group}` : `${group.split(".")[0]}/${version}`;
}

/** Keys that nobody knows, which the validators let pass: each object as TypeScript that must satisfy its type. */
function typed(manifests: readonly Manifest[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "caudal-k8s-"));
  try {
    const files = new Map(manifests.map(({ file, ...object }, index) => {
      const path = join(folder, `object-${index}.ts`);
      const type = `import("${join(modules, "kubernetes-types", typesOf(object.apiVersion))}").${object.kind}`;
      writeFileSync(path, `export const object = ${JSON.stringify(object, null, 2)} satisfies ${type};\n`);
      return [path, `k8s ${file}: ${object.kind} ${object.metadata.name}`];
    }));
    const program = ts.createProgram([...files.keys()], { noEmit: true, strict: true, skipLibCheck: true, types: [], moduleResolution: ts.ModuleResolutionKind.Bundler, module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ESNext });
    return ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => `${files.get(file?.fileName ?? "") ?? "k8s"}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every object of the base is one that Kubernetes takes: types and values, and no key that it does not know. */
export async function checkKubernetesSchema(root: string): Promise<string[]> {
  const manifests = readManifests(root);
  return [...(await Promise.all(manifests.map(validated))).flat(), ...typed(manifests)];
}

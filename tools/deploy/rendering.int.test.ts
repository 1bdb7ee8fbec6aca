import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse, parseAllDocuments } from "yaml";
import { firstExecutable } from "../executable.ts";
import { readCompose } from "./compose-file.ts";
import { EXAMPLE, readManifests } from "./manifests.ts";
import { withProgram } from "./programs.ts";
import { root } from "./test-parts/container.ts";
import { withChange } from "./test-parts/copy.ts";

const run = promisify(execFile);
const env = { PATH: process.env["PATH"], HOME: process.env["HOME"] };

withProgram("docker-compose", (program) => {
  test("docker-compose takes the file, and reads in it what the checks read", async () => {
    const { stdout } = await run(program, ["-f", join(root, "docker-compose.yml"), "config"], { cwd: root, env });
    const theirs = parse(stdout) as { services: Record<string, { image: string; environment?: Record<string, unknown>; command?: string[] }> };
    const ours = readCompose(root).services;
    assert.deepEqual(Object.keys(theirs.services).sort(), Object.keys(ours).sort());
    for (const [name, { image, environment, command }] of Object.entries(ours)) {
      const read = theirs.services[name];
      // It writes a dollar twice, for whoever reads what it prints.
      assert.deepEqual([name, read?.image, read?.command], [name, image, command]);
      assert.deepEqual(Object.fromEntries(Object.entries(read?.environment ?? {}).map(([key, value]) => [key, String(value)])), environment, name);
    }
  });

  test("docker-compose refuses a key that it does not know", async (t) => {
    const copy = withChange(t, "docker-compose.yml", ["mem_limit: 2g", "memory_limit: 2g"]);
    await assert.rejects(run(program, ["-f", join(copy, "docker-compose.yml"), "config"], { cwd: copy, env }), /memory_limit/);
  });
});

const kubectl = firstExecutable(["/usr/bin/kubectl", "/usr/local/bin/kubectl", "/opt/homebrew/bin/kubectl"]);
/** Not among what Debian has for CI: kubernetes-client clashes with other installs; the merge is checked without it in checks/kubernetes.ts. */
test("kustomize makes of the example every object of the base, with its image, its secrets and its namespace", { skip: kubectl === undefined ? "kubectl is not installed here" : false }, async () => {
  const { stdout } = await run(kubectl ?? "", ["kustomize", join(root, EXAMPLE)], { env });
  const made = parseAllDocuments(stdout).map((document) => document.toJS() as { kind: string; metadata: { name: string; namespace?: string } });
  const secrets = made.filter(({ kind }) => kind === "Secret").map(({ metadata }) => metadata.name);
  const generated = (parse(readFileSync(join(root, EXAMPLE, "kustomization.yaml"), "utf8")) as { secretGenerator: { name: string }[] }).secretGenerator;
  // The name of a generated secret ends in a digest of what it holds.
  assert.deepEqual(secrets.map((name) => name.replace(/-[^-]+$/, "")).sort(), generated.map(({ name }) => name).sort());
  for (const { kind, metadata } of readManifests(root)) assert.ok(made.some((each) => each.kind === kind && each.metadata.name === metadata.name), `${kind} ${metadata.name}`);
  assert.equal(made.length, readManifests(root).length + secrets.length);
  for (const { kind, metadata } of made) if (kind !== "Namespace") assert.equal(metadata.namespace, "caudal", `${kind} ${metadata.name}`);
  const text = JSON.stringify(made.filter(({ kind }) => kind === "Deployment"));
  const ours = JSON.stringify(readManifests(root).filter(({ kind }) => kind === "Deployment")).match(/"caudal:0\.1\.0"/g);
  assert.ok(ours);
  assert.equal(text.match(/registry\.example\.invalid\/caudal:0\.1\.0/g)?.length, ours.length);
  for (const name of secrets) assert.ok(text.includes(`"${name}"`), `${name} is used`);
});

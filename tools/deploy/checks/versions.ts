import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readCompose } from "../compose-file.ts";

/** The servers whose version the suites' own files pin. */
const pinned: Readonly<Record<string, string>> = { kafka: "tools/engines/servers/kafka.ts", cassandra: "tools/engines/servers/cassandra.ts", registry: "tools/engines/servers/registry.ts" };

/** The guide says for each image which version compose starts, and which the suites ran against. */
export function checkVersions(root: string): string[] {
  const guide = readFileSync(join(root, "docs/deploying.md"), "utf8").split("\n").filter((line) => line.startsWith("|"));
  const { services } = readCompose(root);
  return Object.entries(services).filter(([, { image }]) => !image.startsWith("caudal:")).flatMap(([name, { image }]) => {
    const row = guide.find((line) => line.includes(`\`${image}\``));
    if (row === undefined) return [`docs/deploying.md: no row names ${image}, which compose starts`];
    const file = pinned[name];
    const version = file === undefined ? undefined : /const version = "([^"]+)"/.exec(readFileSync(join(root, file), "utf8"))?.[1];
    return version === undefined || row.split("|").some((cell) => cell.trim() === version) ? [] : [`docs/deploying.md: the suites run against ${name} ${version}, and its row says another`];
  });
}

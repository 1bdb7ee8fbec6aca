import { test } from "node:test";
import { firstExecutable } from "../executable.ts";

/** Programs of Debian's packages that check the deployment files, by package. */
const places = {
  "nginx-light": ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/bin/nginx", "/opt/homebrew/bin/nginx"],
  prometheus: ["/usr/bin/promtool", "/usr/local/bin/promtool", "/opt/homebrew/bin/promtool"],
  "docker-compose": ["/usr/bin/docker-compose", "/usr/local/bin/docker-compose", "/opt/homebrew/bin/docker-compose"],
} as const;
type Package = keyof typeof places;

export function findProgram(name: Package): string | undefined {
  return firstExecutable(places[name]);
}

/** Registers tests of a program. Where it is missing: a skip with its reason, and in CI a failure. */
export function withProgram(name: Package, register: (path: string) => void): void {
  const path = findProgram(name);
  if (path !== undefined) return register(path);
  const reason = `${name} is not installed here; on Debian: apt-get install ${name}`;
  if (process.env["CI"] === "true") test(name, () => Promise.reject(new Error(reason)));
  else test(name, { skip: reason }, () => undefined);
}

import { readFile } from "node:fs/promises";
import { readEnvironment } from "../environment.ts";

/** Finds what a reference of a configuration file stands for: `env:NAME` or `file:/path`, whose last line break does not count. Undefined when there is none. */
export async function secretOf(reference: string, env: () => Readonly<Record<string, string | undefined>> = () => readEnvironment(process.env)): Promise<string | undefined> {
  if (reference.startsWith("env:")) return env()[reference.slice(4)];
  if (!reference.startsWith("file:")) return undefined;
  const text = await readFile(reference.slice(5), "utf8").catch(() => undefined);
  return text?.replace(/\r?\n$/, "");
}

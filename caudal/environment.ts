import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { CaudalError } from "@caudal/core";

/** The process's environment with `.env` of the working folder behind it: what is set for the process wins. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>, file = ".env"): Record<string, string | undefined> {
  try {
    return { ...parseEnv(readFileSync(file, "utf8")), ...env };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return { ...env };
    throw new CaudalError("setting", `${file} cannot be read (${String(code)})`, { cause: error });
  }
}

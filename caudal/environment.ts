import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";

/** The process's environment with `.env` of the working folder behind it: what is set for the process wins. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>, file = ".env"): Record<string, string | undefined> {
  try {
    return { ...parseEnv(readFileSync(file, "utf8")), ...env };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { ...env };
    throw error;
  }
}

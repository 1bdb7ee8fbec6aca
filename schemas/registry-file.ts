import { readFileSync } from "node:fs";

/** What `registry.json` says of a released version. */
export interface RegisteredVersion {
  /** Id in the wire format, the same in every installation that starts from these files. */
  readonly id: number;
  /** SHA-256 of the parsing canonical form, lower-case hex: a released version never changes its meaning. */
  readonly sha256: string;
}

/** Subject, then version, as committed. */
export type RegistryFile = Readonly<Record<string, Readonly<Record<string, RegisteredVersion>>>>;

export function readRegistryFile(): RegistryFile {
  return JSON.parse(readFileSync(new URL("registry.json", import.meta.url), "utf8")) as RegistryFile;
}

import { asInstantMs, asRecord, asText } from "./read.ts";

/** That an informant's password at a regulator is held; never the password. */
export interface Credential {
  readonly regulator: string;
  readonly user: string;
  readonly setBy: string;
  readonly setAtMs: number | null;
  /** False where the server has not the key that it was sealed under. */
  readonly readable: boolean;
}

export function readCredential(value: unknown): Credential | undefined {
  const row = asRecord(value);
  const user = asText(row["user"]);
  return user === "" ? undefined : { regulator: asText(row["regulator"]), user, setBy: asText(row["setBy"]), setAtMs: asInstantMs(row["setAt"]), readable: row["readable"] !== false };
}

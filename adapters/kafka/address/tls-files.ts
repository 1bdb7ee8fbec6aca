import { readFile } from "node:fs/promises";
import type { ConnectionOptions } from "node:tls";
import { CaudalError } from "@caudal/core";
import type { KafkaAddress } from "./parse-url.ts";

/** Reads the PEM files that the URL names. Fails with "setting" and the file's path. */
export async function readTlsFiles(tls: KafkaAddress["tls"]): Promise<ConnectionOptions | undefined> {
  if (tls === undefined) return undefined;
  const files = await Promise.all(
    Object.entries(tls).map(async ([name, path]) => {
      try {
        return [name, await readFile(path)] as const;
      } catch (cause) {
        throw new CaudalError("setting", `the log's URL names ${path} as ${name}, which cannot be read`, { cause });
      }
    }),
  );
  return Object.fromEntries(files);
}

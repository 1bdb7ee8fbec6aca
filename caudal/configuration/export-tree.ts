import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { StatedClient, StatedDevice } from "@caudal/core";
import { createFileNames } from "./file-name.ts";
import { yamlOf } from "./yaml-text.ts";

/** Where documents go, one after the other. */
export interface ExportTarget {
  write(stated: StatedClient | StatedDevice): Promise<void>;
}

export interface TreeCounts {
  readonly written: number;
  /** Files that held these very bytes. */
  readonly same: number;
  /** Paths of all of them. */
  readonly files: ReadonlySet<string>;
}

/** A folder for each client; in it `client.yaml` and a file for each device. A file is replaced whole, or left as it is. */
export function treeTarget(folder: string): ExportTarget & { counts(): TreeCounts } {
  const nameOf = createFileNames();
  const files = new Set<string>();
  let written = 0;
  return {
    async write(stated) {
      const path = join(folder, nameOf(stated.client, "device" in stated ? stated.device : undefined));
      files.add(path);
      const text = yamlOf(stated);
      if ((await textOf(path)) === text) return;
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.new`, text);
      await rename(`${path}.new`, path);
      written++;
    },
    counts: () => ({ written, same: files.size - written, files }),
  };
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
}

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { TierBytes } from "@caudal/archiver";
import type { TierName } from "@caudal/core";
import type { EngineChoices } from "./open-ports.ts";

const tiers = ["hot", "warm", "cold"] as const satisfies readonly TierName[];

/** Bytes of the tiers whose files lie in the data folder; a server's are its own to tell. */
export function tierBytesOf({ dataDirectory, choices }: { readonly dataDirectory: string; readonly choices: Pick<EngineChoices, TierName> }): TierBytes {
  const folder = join(dataDirectory, "tiers");
  return async () => {
    const files = await readdir(folder).catch(() => []);
    const own = tiers.filter((tier) => choices[tier].kind === "embedded");
    return Object.fromEntries(await Promise.all(own.map(async (tier) => {
      const sizes = await Promise.all(files.filter((file) => file === tier || file.startsWith(`${tier}.`) || file.startsWith(`${tier}-`)).map((file) => stat(join(folder, file)).then(({ size }) => size, () => 0)));
      return [tier, sizes.reduce((sum, size) => sum + size, 0)];
    })));
  };
}

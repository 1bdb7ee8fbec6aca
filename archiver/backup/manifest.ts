import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CaudalError } from "@caudal/core";
import { z } from "zod";

export const MANIFEST = "manifest.json";
export const FORMAT = 1;

const part = z.object({ file: z.string(), bytes: z.number(), sha256: z.string(), frames: z.number() });

const manifestSchema = z.object({
  format: z.literal(FORMAT),
  name: z.string(),
  /** Release that wrote it. */
  version: z.string(),
  startedAt: z.string(),
  endedAt: z.string(),
  /** What filled each port, for people. */
  engines: z.record(z.string(), z.string()),
  topics: z.array(z.object({
    topic: z.string(),
    /** In partition order; the records of a partition have startOffset <= offset < endOffset. */
    partitions: z.array(z.object({ startOffset: z.number(), endOffset: z.number() })),
    /** Position of each group, in partition order, as it stood before anything else was read. */
    groups: z.record(z.string(), z.array(z.number())),
    records: z.number(),
    part,
  })),
  collections: z.array(z.object({ name: z.string(), tenant: z.boolean(), documents: z.number() })),
  documents: part,
  /** Facts of all revisions in the cold tier, and how many are the greatest of theirs. */
  facts: z.object({ points: z.number(), revisions: z.number(), facts: z.number(), part }),
  /** Digests of (point, UTC day) and floors; `rolled` is one hash over all of them. */
  digests: z.object({ days: z.number(), rolled: z.string(), part }),
  /** The raw archive's segments, which backups share. */
  archive: z.object({ segments: z.number(), bytes: z.number(), part }),
  /** Schemas by the ids that records carry. */
  schemas: z.array(z.object({ id: z.number(), schema: z.string() })),
});
export type Manifest = z.infer<typeof manifestSchema>;

const sealedSchema = z.object({ sha256: z.string(), manifest: z.unknown() });

/** The manifest as it is written, under a checksum of its own. */
export function sealManifest(manifest: Manifest): string {
  return `${JSON.stringify({ sha256: hashOf(manifest), manifest }, null, 1)}\n`;
}

/** Fails with "corrupt" where it is missing or damaged, and with "setting" where a newer release wrote it. */
export async function readManifest(directory: string): Promise<Manifest> {
  const text = await readFile(join(directory, MANIFEST), "utf8").catch((cause: unknown) => {
    throw new CaudalError("corrupt", `${MANIFEST} of the backup is missing`, { cause });
  });
  const sealed = parsed(text);
  if (sealed === undefined || hashOf(sealed.manifest) !== sealed.sha256) throw new CaudalError("corrupt", `${MANIFEST} of the backup is damaged`);
  const { format } = sealed.manifest as { format?: unknown };
  if (format !== FORMAT) throw new CaudalError("setting", `the backup has format ${String(format)}, this release reads ${FORMAT}`);
  return manifestSchema.parse(sealed.manifest);
}

/** Every part file that the manifest names. */
export function partsOf({ topics, documents, facts, digests, archive }: Manifest): readonly z.infer<typeof part>[] {
  return [...topics.map((topic) => topic.part), documents, facts.part, digests.part, archive.part];
}

function parsed(text: string): z.infer<typeof sealedSchema> | undefined {
  try {
    return sealedSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function hashOf(manifest: unknown): string {
  return createHash("sha256").update(JSON.stringify(manifest)).digest("hex");
}

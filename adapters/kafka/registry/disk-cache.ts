import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Tell } from "@caudal/core";
import { canonical, sha256 } from "./canonical.ts";

/** An answer of a registry: what an id means, and under which subject it was registered if that was asked. */
export interface RegistryAnswer {
  readonly id: number;
  readonly schema: string;
  readonly subject?: string;
}

/**
 * Answers as files of a folder, each written whole or not at all; several processes may share it. A file that cannot be read is as if it were not there: it is
 * taken away and written again when the registry answers again. A disk that refuses is told and costs nothing but the memory of a restart.
 */
export class DiskCache {
  readonly #folder: string;
  readonly #tell: Tell;

  /** Ids mean something in their own registry only, so each has a folder of its own. */
  constructor(directory: string, base: string, tell: Tell) {
    this.#folder = join(directory, sha256(base).slice(0, 16));
    this.#tell = tell;
  }

  async load(): Promise<readonly RegistryAnswer[]> {
    const names = (await readdir(this.#folder).catch(() => [] as string[])).filter((each) => each.endsWith(".json"));
    const answers: RegistryAnswer[] = [];
    for (const name of names) {
      const path = join(this.#folder, name);
      const answer = await readFile(path, "utf8").then(parse, () => undefined);
      if (answer !== undefined) {
        answers.push(answer);
        continue;
      }
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
      this.#tell("registry.cache-damaged", { file: name });
    }
    // Two files hold most answers: what one lost, the other may still say.
    if (answers.length < names.length) for (const answer of answers) await this.keep(answer);
    return answers;
  }

  /** What the id means, and what the subject's schema has for an id: two files, since the second changes if a registry ever gives another id. */
  async keep({ id, schema, subject }: RegistryAnswer): Promise<void> {
    await this.#write(`id-${id}`, { id, schema });
    if (subject !== undefined) await this.#write(`subject-${sha256(`${subject}\n${canonical(schema)}`).slice(0, 24)}`, { id, schema, subject });
  }

  async #write(name: string, answer: RegistryAnswer): Promise<void> {
    const path = join(this.#folder, `${name}.json`);
    const draft = `${path}.${randomUUID()}`;
    try {
      await mkdir(this.#folder, { recursive: true });
      const file = await open(draft, "wx");
      try {
        await file.writeFile(JSON.stringify({ answer, sha256: sha256(JSON.stringify(answer)) }));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      this.#tell("registry.cache-refused", { folder: this.#folder, why: (error as NodeJS.ErrnoException).code ?? "error" });
    }
  }
}

function parse(text: string): RegistryAnswer | undefined {
  try {
    const { answer, sha256: sum } = JSON.parse(text) as { answer: Partial<RegistryAnswer>; sha256: unknown };
    const { id, schema, subject } = answer;
    if (sum !== sha256(JSON.stringify(answer)) || typeof id !== "number" || typeof schema !== "string" || (subject !== undefined && typeof subject !== "string")) return undefined;
    JSON.parse(schema);
    return { id, schema, ...(subject === undefined ? {} : { subject }) };
  } catch {
    return undefined;
  }
}

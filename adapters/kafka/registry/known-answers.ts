import { CaudalError } from "@caudal/core";
import { canonical } from "./canonical.ts";
import type { RegistryAnswer } from "./disk-cache.ts";

/** Every answer that the registry gave, in memory. */
export class KnownAnswers {
  readonly #schemas = new Map<number, string>();
  /** By subject and canonical schema. */
  readonly #ids = new Map<string, number>();

  schemaById(id: number): string | undefined {
    return this.#schemas.get(id);
  }

  idOf(subject: string, canonicalSchema: string): number | undefined {
    return this.#ids.get(`${subject}\n${canonicalSchema}`);
  }

  /**
   * Takes an answer in; true when it is news. CaudalError "setting" when the id meant another schema before: then the registry lost its data, or is not
   * the one that the log was written with, and no record of the log can be read with certainty.
   */
  learn({ id, schema, subject }: RegistryAnswer): boolean {
    const before = this.#schemas.get(id);
    const meaning = canonical(schema);
    if (before !== undefined && canonical(before) !== meaning) {
      throw new CaudalError("setting", `the schema registry gives id ${id} to another schema than before: it lost its data or is another one. Restore it; only where the log is new too, remove the cache folder`);
    }
    const key = subject === undefined ? undefined : `${subject}\n${meaning}`;
    const isNews = before === undefined || (key !== undefined && this.#ids.get(key) !== id);
    if (before === undefined) this.#schemas.set(id, schema);
    if (key !== undefined) this.#ids.set(key, id);
    return isNews;
  }
}

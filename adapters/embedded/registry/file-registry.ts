import { CaudalError, type SchemaRegistry } from "@caudal/core";
import { readSchemaFiles, type SchemaVersion } from "@caudal/schemas";

/** SchemaRegistry of the committed schema files: nothing can be registered while running. `versions` is what the files hold when absent. */
export function openFileRegistry(versions: readonly SchemaVersion[] = readSchemaFiles()): SchemaRegistry {
  return new FileSchemaRegistry(versions);
}

class FileSchemaRegistry implements SchemaRegistry {
  readonly #jsonById = new Map<number, string>();
  /** By subject, then the schema's text without its spelling. */
  readonly #idBySchema = new Map<string, Map<string, number>>();
  #closed = false;

  constructor(versions: readonly SchemaVersion[]) {
    for (const { id, subject, json } of versions) {
      this.#jsonById.set(id, json);
      const ids = this.#idBySchema.get(subject) ?? new Map<string, number>();
      this.#idBySchema.set(subject, ids.set(canonical(json), id));
    }
  }

  async idFor(subject: string, schemaJson: string): Promise<number> {
    this.#mustBeOpen();
    const ids = this.#idBySchema.get(subject);
    if (ids === undefined) throw new CaudalError("not-found", `no schema was committed for subject ${subject}`);
    const id = ids.get(parsed(subject, schemaJson));
    if (id === undefined) {
      throw new CaudalError("not-found", `this schema is none of the ${ids.size} committed for subject ${subject}; add it as a new version under schemas/`);
    }
    return id;
  }

  async schemaById(id: number): Promise<string | undefined> {
    this.#mustBeOpen();
    return this.#jsonById.get(id);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new CaudalError("closed", "the schema registry is closed");
  }
}

function parsed(subject: string, json: string): string {
  try {
    return canonical(json);
  } catch (error) {
    throw new CaudalError("bad-request", `the schema for subject ${subject} is no JSON`, { cause: error });
  }
}

/** One spelling for equal schemas: no white space, members of objects by name. */
function canonical(json: string): string {
  return JSON.stringify(JSON.parse(json), (_, value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

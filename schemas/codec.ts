import avro from "avsc";
import { asBuffer } from "./as-buffer.ts";
import { recordTypes, subjectOf, type RecordName } from "./catalog.ts";
import { readSchemaFiles } from "./files.ts";
import { readWireHeader, WIRE_HEADER_BYTES, writeWireHeader } from "./wire.ts";
import type { DevicePresence, Measurement, Parked, PointEvent, Reading } from "./generated/types.ts";

export interface RecordOf {
  Reading: Reading;
  PointEvent: PointEvent;
  Measurement: Measurement;
  DevicePresence: DevicePresence;
  Parked: Parked;
}

/** What a codec asks of a schema registry; core's port of that name satisfies it. */
export interface SchemaLookup {
  /** Id of this schema under this subject, registering it where the registry allows. */
  idFor(subject: string, schemaJson: string): Promise<number>;
  /** The schema of an id; undefined when the registry denies it; rejects when it cannot be asked. */
  schemaById(id: number): Promise<string | undefined>;
}

export type Decoded<T> =
  | { ok: true; value: T }
  | { ok: false; why: "too-short" | "wrong-magic" | "corrupt" }
  | { ok: false; why: "unknown-schema"; schemaId: number };

interface Writer {
  readonly id: number;
  readonly type: avro.Type;
  /** Top-level fields of type bytes. */
  readonly bytesFields: readonly string[];
}

const FIRST_SLAB_BYTES = 64 * 1024;

/**
 * Encodes with the newest schema of each type and decodes what any registered version wrote.
 * Both are synchronous: a schema id is asked for once, by `learn`, never on the hot path.
 */
export class Codec {
  readonly #lookup: SchemaLookup;
  readonly #writers = new Map<RecordName, Writer>();
  readonly #readers = new Map<string, { type: avro.Type; resolver: avro.Resolver | undefined }>();
  readonly #schemas = new Map<number, string>();
  #slab = Buffer.allocUnsafe(FIRST_SLAB_BYTES);

  private constructor(lookup: SchemaLookup) {
    this.#lookup = lookup;
  }

  /** Asks the registry for the ids of the newest schemas. Rejects when it cannot be asked. */
  static async open(lookup: SchemaLookup): Promise<Codec> {
    const codec = new Codec(lookup);
    for (const schema of readSchemaFiles()) {
      const id = await lookup.idFor(schema.subject, schema.json);
      codec.#schemas.set(id, schema.json);
      codec.#writers.set(schema.row.name, { id, type: parse(schema.json), bytesFields: bytesFieldsOf(schema.json) });
    }
    for (const { name, topic } of recordTypes) {
      if (!codec.#writers.has(name)) throw new Error(`no schema for ${subjectOf(topic)}`);
    }
    return codec;
  }

  /** Bytes in the Confluent wire format, owned by the caller. Throws when the value does not fit the schema: a bug. */
  encode<N extends RecordName>(name: N, value: RecordOf[N]): Uint8Array {
    const { id, type, bytesFields } = this.#writer(name);
    const record = withBuffers(value, bytesFields);
    let end = type.encode(record, this.#slab, WIRE_HEADER_BYTES);
    if (end < 0) {
      this.#slab = Buffer.allocUnsafe(2 * (this.#slab.length - end));
      end = type.encode(record, this.#slab, WIRE_HEADER_BYTES);
    }
    writeWireHeader(this.#slab, id);
    // Of Node's pool: a buffer of its own for each record costs the collector more than the encoding does.
    const bytes = Buffer.allocUnsafe(end);
    this.#slab.copy(bytes, 0, 0, end);
    if (this.#slab.length > FIRST_SLAB_BYTES * 64) this.#slab = Buffer.allocUnsafe(FIRST_SLAB_BYTES);
    return bytes;
  }

  /** Never throws. After `unknown-schema`, `learn` the id and decode again. */
  decode<N extends RecordName>(name: N, bytes: Uint8Array): Decoded<RecordOf[N]> {
    const header = readWireHeader(bytes);
    if (!header.ok) return header;
    const json = this.#schemas.get(header.schemaId);
    if (json === undefined) return { ok: false, why: "unknown-schema", schemaId: header.schemaId };
    try {
      const { type, resolver } = this.#reader(name, header.schemaId, json);
      const { value, offset } = type.decode(asBuffer(bytes), WIRE_HEADER_BYTES, resolver);
      return offset === bytes.length ? { ok: true, value: value as RecordOf[N] } : { ok: false, why: "corrupt" };
    } catch {
      return { ok: false, why: "corrupt" };
    }
  }

  /** Asks the registry for an id met in the log. Rejects when the registry cannot be asked: wait and ask again. */
  async learn(schemaId: number): Promise<"learned" | "denied"> {
    const json = await this.#lookup.schemaById(schemaId);
    if (json === undefined) return "denied";
    this.#schemas.set(schemaId, json);
    return "learned";
  }

  #writer(name: RecordName): Writer {
    const writer = this.#writers.get(name);
    if (writer === undefined) throw new Error(`no schema for ${name}`);
    return writer;
  }

  #reader(name: RecordName, schemaId: number, json: string): { type: avro.Type; resolver: avro.Resolver | undefined } {
    const key = `${name} ${schemaId}`;
    let reader = this.#readers.get(key);
    if (reader === undefined) {
      const { id, type } = this.#writer(name);
      reader = { type, resolver: id === schemaId ? undefined : type.createResolver(parse(json)) };
      this.#readers.set(key, reader);
    }
    return reader;
  }
}

function bytesFieldsOf(json: string): string[] {
  const { fields } = JSON.parse(json) as { fields: { name: string; type: unknown }[] };
  return fields.filter((field) => field.type === "bytes").map((field) => field.name);
}

function withBuffers<T extends object>(value: T, bytesFields: readonly string[]): T {
  const given = value as Record<string, unknown>;
  const others = bytesFields.filter((field) => given[field] instanceof Uint8Array && !Buffer.isBuffer(given[field]));
  return others.length === 0 ? value : { ...value, ...Object.fromEntries(others.map((field) => [field, asBuffer(given[field] as Uint8Array)])) };
}

function parse(json: string): avro.Type {
  // A registry of its own for each schema, so that two versions of one name can live side by side.
  return avro.Type.forSchema(JSON.parse(json) as avro.Schema, { registry: {} });
}

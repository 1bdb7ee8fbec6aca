import type { Codec, RecordName, RecordOf } from "@caudal/schemas";

/** The record, whatever registered version wrote it. Rejects when it cannot be read. */
export async function decoded<N extends RecordName>(codec: Codec, name: N, bytes: Uint8Array): Promise<RecordOf[N]> {
  let found = codec.decode(name, bytes);
  if (!found.ok && found.why === "unknown-schema" && (await codec.learn(found.schemaId)) === "learned") found = codec.decode(name, bytes);
  if (!found.ok) throw new Error(`a ${name} cannot be decoded: ${found.why}`);
  return found.value;
}

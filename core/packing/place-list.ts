import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/** Ascending places in a column: how many, then the gaps between them. */
export function writePlaces(writer: ByteWriter, places: readonly number[]): void {
  writer.unsigned(places.length);
  places.forEach((at, i) => writer.unsigned(at - (places[i - 1] ?? 0)));
}

export function readPlaces(reader: ByteReader): Uint32Array {
  const places = new Uint32Array(reader.unsigned());
  for (let i = 0, last = 0; i < places.length; i++) places[i] = last += reader.unsigned();
  return places;
}

import type { Measurement } from "@caudal/schemas";

/**
 * A batch of measurements as one buffer: what crosses to the worker, and byte for byte what lies in the file until it is folded into blocks.
 * Layout, little-endian: header of five uint32 (format, measurements, facts, texts, bytes of text), padded to 24; then float64 columns
 * (instant, received, known-at a measurement; value a fact), uint32 columns (point, facts a measurement; variable, reasons a fact; length in
 * UTF-16 units a text), uint8 columns (authority a measurement, flag a fact), and all texts as UTF-8. Texts are points as
 * "client NUL point", variables, and sets of reasons as sorted JSON arrays; text 0 is "[]".
 */
export interface BatchLayout {
  readonly instants: Float64Array;
  readonly receivedAts: Float64Array;
  readonly knownAts: Float64Array;
  readonly values: Float64Array;
  readonly points: Uint32Array;
  readonly factCounts: Uint32Array;
  readonly variables: Uint32Array;
  readonly reasons: Uint32Array;
  readonly textLengths: Uint32Array;
  readonly authorities: Uint8Array;
  readonly flags: Uint8Array;
  readonly text: Uint8Array;
}

const FORMAT = 1;
const HEADER_BYTES = 24;
const NO_REASONS = "[]";

/** Packs measurements that `faultOf` finds nothing wrong with. */
export function packBatch(measurements: readonly Measurement[]): ArrayBuffer {
  const texts = new Map<string, number>([[NO_REASONS, 0]]);
  const textOf = (text: string): number => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    texts.set(text, texts.size);
    return texts.size - 1;
  };
  const points = measurements.map((measurement) => textOf(`${measurement.client}\0${measurement.point}`));
  const facts = measurements.flatMap((measurement) => measurement.facts);
  const variables = facts.map((fact) => textOf(fact.variable));
  const reasons = facts.map((fact) => (fact.reasons.length === 0 ? 0 : textOf(JSON.stringify(fact.reasons.toSorted()))));
  const allText = [...texts.keys()].join("");
  const counts = { measurements: measurements.length, facts: facts.length, texts: texts.size, textBytes: Buffer.byteLength(allText) };
  const buffer = new ArrayBuffer(bytesOf(counts));
  new Uint32Array(buffer, 0, 5).set([FORMAT, counts.measurements, counts.facts, counts.texts, counts.textBytes]);
  const layout = layOut(buffer, counts);
  layout.points.set(points);
  layout.variables.set(variables);
  layout.reasons.set(reasons);
  layout.textLengths.set(Array.from(texts.keys(), (text) => text.length));
  Buffer.from(layout.text.buffer, layout.text.byteOffset, layout.text.byteLength).write(allText);
  measurements.forEach((measurement, i) => {
    layout.instants[i] = measurement.instantUs;
    layout.receivedAts[i] = measurement.receivedAtUs;
    layout.knownAts[i] = measurement.knownAtUs;
    layout.factCounts[i] = measurement.facts.length;
    layout.authorities[i] = measurement.authority;
  });
  facts.forEach((fact, i) => {
    layout.values[i] = fact.value ?? NaN;
    layout.flags[i] = fact.flag;
  });
  return buffer;
}

export interface UnpackedBatch extends BatchLayout {
  readonly texts: readonly string[];
}

/** Views into a packed batch. Throws a RangeError when the bytes are no batch of this format. */
export function unpackBatch(bytes: Uint8Array): UnpackedBatch {
  // Float64 columns need an aligned buffer, which a value from a file may not be.
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const [format, measurements, facts, texts, textBytes] = new Uint32Array(aligned.buffer, aligned.byteOffset, 5);
  if (format !== FORMAT) throw new RangeError(`unknown format of a batch: ${format}`);
  const layout = layOut(aligned.buffer as ArrayBuffer, { measurements: measurements!, facts: facts!, texts: texts!, textBytes: textBytes! }, aligned.byteOffset);
  const allText = Buffer.from(layout.text.buffer, layout.text.byteOffset, layout.text.byteLength).toString();
  const unpacked: string[] = [];
  let at = 0;
  for (const length of layout.textLengths) unpacked.push(allText.slice(at, at += length));
  return { ...layout, texts: unpacked };
}

interface Counts {
  readonly measurements: number;
  readonly facts: number;
  readonly texts: number;
  readonly textBytes: number;
}

function bytesOf({ measurements, facts, texts, textBytes }: Counts): number {
  return HEADER_BYTES + measurements * (3 * 8 + 2 * 4 + 1) + facts * (8 + 2 * 4 + 1) + texts * 4 + textBytes;
}

function layOut(buffer: ArrayBuffer, { measurements, facts, texts, textBytes }: Counts, offset = 0): BatchLayout {
  let at = offset + HEADER_BYTES;
  const doubles = (length: number): Float64Array => new Float64Array(buffer, (at += length * 8) - length * 8, length);
  const integers = (length: number): Uint32Array => new Uint32Array(buffer, (at += length * 4) - length * 4, length);
  const bytes = (length: number): Uint8Array => new Uint8Array(buffer, (at += length) - length, length);
  // Evaluated top to bottom: widest elements first keeps every column aligned.
  return {
    instants: doubles(measurements), receivedAts: doubles(measurements), knownAts: doubles(measurements), values: doubles(facts),
    points: integers(measurements), factCounts: integers(measurements), variables: integers(facts), reasons: integers(facts),
    textLengths: integers(texts), authorities: bytes(measurements), flags: bytes(facts), text: bytes(textBytes),
  };
}

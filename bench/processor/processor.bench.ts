import type { LogRecord } from "@caudal/core";
import type { Codec, RecordName, RecordOf } from "@caudal/schemas";
import { defineBenchmark } from "../harness/benchmark.ts";
import { loggerReadings, openBenchProcessor, readingRecord } from "./bench-processor.ts";

const BATCH = 1000;
const SLICE_READINGS = 60_000;
const DAY_US = 86_400_000_000;

export const benchmark = defineBenchmark({
  name: "processor",
  about:
    "Readings of three values of 1,000 devices, 1,000 a batch, mapped, derived and judged on one core with states stored as ever, against the Avro decoding and encoding of the same records alone: " +
    "readings read, points' samples written and read, measurements written. Nothing is published on either side.",
  needs: [],
  async run(context) {
    const processor = await openBenchProcessor();
    context.closing(() => processor.close());
    const { codec } = processor;
    const source = loggerReadings(1000, Date.now() * 1000 - 30 * DAY_US);
    const next = (): LogRecord => readingRecord(codec, source.next().value as Parameters<typeof readingRecord>[1]);
    const batch = (): LogRecord[] => Array.from({ length: BATCH }, next);
    // Devices are met first, outside of what is measured; what a batch gives is what the baseline reads and writes.
    await processor.process(batch());
    const readings = batch();
    const { points, measurements } = await processor.process(readings);
    if (measurements.length < BATCH) throw new Error(`${BATCH} readings gave ${measurements.length} measurements`);
    const pointEvents = decodeAll(codec, "PointEvent", points);
    const judged = decodeAll(codec, "Measurement", measurements);

    let ready: LogRecord[][] = [];
    await context.compare({
      name: "readings to measurements", unit: "readings", leastRatio: 0.5,
      ours: {
        name: "ours",
        before: () => void (ready = Array.from({ length: SLICE_READINGS / BATCH }, batch)),
        async batch() {
          const records = ready.shift();
          if (records === undefined) return 0;
          await processor.process(records);
          return records.length;
        },
      },
      baseline: {
        name: "avsc alone",
        async batch() {
          decodeAll(codec, "Reading", readings);
          for (const event of pointEvents) codec.encode("PointEvent", event);
          decodeAll(codec, "PointEvent", points);
          for (const measurement of judged) codec.encode("Measurement", measurement);
          return BATCH;
        },
      },
    });
    context.note(`A reading is ${Math.round(bytesOf(readings) / BATCH)} bytes in the log, its samples ${Math.round(bytesOf(points) / BATCH)}, its measurements ${Math.round(bytesOf(measurements) / BATCH)} (${measurements.length / BATCH} records a reading).`);
  },
});

function decodeAll<N extends RecordName>(codec: Codec, name: N, records: readonly LogRecord[]): RecordOf[N][] {
  return records.map(({ value }) => {
    const decoded = codec.decode(name, value);
    if (!decoded.ok) throw new Error(decoded.why);
    return decoded.value;
  });
}

function bytesOf(records: readonly LogRecord[]): number {
  return records.reduce((sum, { value }) => sum + value.length, 0);
}

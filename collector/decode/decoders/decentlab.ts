import { parsed, type Parsed } from "../decoded.ts";
import { ByteReader } from "./byte-reader.ts";
import { misfit, now, type Frame, type FrameContent, type FrameDecoder, type FrameSample } from "./frame-decoder.ts";

const VERSION = 2;
const ZERO = 32_768;
const WORD_MAX = 65_535;

/** One sensor of a device: how many words it sends, and what they say. */
interface SensorRow {
  readonly words: number;
  readonly values: (words: readonly number[], frame: Frame) => readonly FrameSample[];
}

const batterySensor: SensorRow = { words: 1, values: ([word = 0]) => [now("battery", word / 1000, "V")] };
const at = (words: readonly number[], place: number): number => words[place] ?? 0;

/**
 * A Decentlab device, protocol 2: version, device, a bit for each sensor that is in the frame, then the words of those, the big end first.
 */
function device(row: { readonly name: string; readonly aliases: readonly string[]; readonly what: string; readonly sensors: readonly SensorRow[] }): FrameDecoder {
  return { name: row.name, aliases: row.aliases, what: row.what, decode: (frame) => readSensors(frame, [...row.sensors, batterySensor]) };
}

function readSensors(frame: Frame, sensors: readonly SensorRow[]): Parsed<FrameContent> {
  const reader = new ByteReader(frame.bytes);
  const version = reader.u8();
  if (version !== VERSION) return misfit(`version ${version} of the protocol, where ${VERSION} is read`);
  const labels = { decentlab_device: String(reader.u16be()) };
  const flags = reader.u16be();
  if (flags >>> sensors.length !== 0) return misfit("the frame has a sensor that this device has not");
  const samples: FrameSample[] = [];
  for (const [place, sensor] of sensors.entries()) {
    if ((flags & (1 << place)) === 0) continue;
    const words = Array.from({ length: sensor.words }, () => reader.u16be());
    // All ones stand for a sensor that gave nothing.
    const isAbsent = words.every((word) => word === WORD_MAX);
    samples.push(...sensor.values(words, frame).map((sample) => (isAbsent ? { ...sample, value: null } : sample)));
  }
  if (reader.isShort) return misfit("the bytes end inside a sensor");
  return reader.left > 0 ? misfit(`${reader.left} bytes are left over`) : parsed({ samples, labels });
}

const LID_NAMES = [
  "distance_average", "distance_minimum", "distance_maximum", "distance_median", "distance_10th_percentile", "distance_25th_percentile",
  "distance_75th_percentile", "distance_90th_percentile", "distance_most_frequent_value",
];

export const decentlabDevices: readonly FrameDecoder[] = [
  device({
    name: "dl-ctd10", aliases: ["decentlab-dl-ctd10", "ctd10"], what: "Decentlab DL-CTD10: depth in mm, temperature, conductivity",
    sensors: [{
      words: 3,
      values: (words) => [now("depth", at(words, 0) - ZERO, "mm"), now("temperature", (at(words, 1) - ZERO) / 10, "Cel"), now("conductivity", at(words, 2) - ZERO, "uS/cm")],
    }],
  }),
  device({
    name: "dl-pr26", aliases: ["decentlab-dl-pr26", "pr26"], what: "Decentlab DL-PR26: pressure in bar (setting fullScaleBar, 1 when absent), temperature",
    sensors: [{
      words: 2,
      values: (words, { settings }) => [
        now("pressure", ((at(words, 0) - 16_384) / ZERO) * (settings["fullScaleBar"] ?? 1), "bar"), now("temperature", (at(words, 1) - 384) * 0.003125 - 50, "Cel"),
      ],
    }],
  }),
  device({
    name: "dl-lid", aliases: ["decentlab-dl-lid", "lid"], what: "Decentlab DL-LID: distance by laser in mm",
    sensors: [{
      words: 11,
      values: (words) => [...LID_NAMES.map((name, place) => now(name, at(words, place), "mm")), now("number_of_samples", at(words, 9)), now("acquisition_time_ms", at(words, 10) / 1.024)],
    }],
  }),
];

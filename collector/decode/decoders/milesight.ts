import { parsed, type Parsed } from "../decoded.ts";
import { ByteReader } from "./byte-reader.ts";
import { clockTime, misfit, now, type Frame, type FrameContent, type FrameDecoder, type FrameSample } from "./frame-decoder.ts";

const PORT = 85;
const PULSE_MODE = 2;
const GPIO_MODE = 1;

/** Reads what follows a channel and its type; undefined samples of a stored point have times of their own. */
type ReadChannel = (reader: ByteReader, frame: Frame) => Parsed<readonly FrameSample[]>;

const some = (...samples: readonly FrameSample[]): Parsed<readonly FrameSample[]> => parsed(samples);

const battery: ReadChannel = (reader) => some(now("battery", reader.u8(), "%"));
const temperature: ReadChannel = (reader) => some(now("temperature", reader.i16le() / 10, "Cel"));
const humidity: ReadChannel = (reader) => some(now("humidity", reader.u8() / 2, "%"));

/** One stored point of an EM300-DI: time, climate, and the counter or the state of its input. */
const storedPulse: ReadChannel = (reader, frame) => {
  const time = clockTime(reader.u32le(), "frame.history", frame);
  if (!time.ok) return time;
  const timeUs = time.value;
  const climate: FrameSample[] = [{ key: "temperature", value: reader.i16le() / 10, unit: "Cel", timeUs }, { key: "humidity", value: reader.u8() / 2, unit: "%", timeUs }];
  const mode = reader.u8();
  const gpio = reader.u8();
  const pulse = reader.u32le();
  if (mode === PULSE_MODE) climate.push({ key: "pulse", value: pulse, unit: "pulse", timeUs });
  if (mode === GPIO_MODE) climate.push({ key: "gpio", value: gpio, unit: null, timeUs });
  return parsed(climate);
};

const storedLength = (key: string, unit: string): ReadChannel => (reader, frame) => {
  const time = clockTime(reader.u32le(), "frame.history", frame);
  return time.ok ? some({ key, value: reader.u16le(), unit, timeUs: time.value }) : time;
};

/**
 * A Milesight sensor: pairs of channel and type, each with bytes of a length that only its type tells. What is not in the table ends the reading,
 * and with it the frame: what would follow cannot be told apart.
 */
function sensor(row: { readonly name: string; readonly aliases: readonly string[]; readonly what: string; readonly channels: Readonly<Record<string, ReadChannel>> }): FrameDecoder {
  return { name: row.name, aliases: row.aliases, what: row.what, decode: (frame) => readChannels(frame, row.channels) };
}

function readChannels(frame: Frame, channels: Readonly<Record<string, ReadChannel>>): Parsed<FrameContent> {
  if (frame.fPort !== null && frame.fPort !== PORT) return misfit(`port ${frame.fPort}, where ${PORT} brings values`);
  const reader = new ByteReader(frame.bytes);
  const samples: FrameSample[] = [];
  while (reader.left > 0) {
    const channel = `${hex(reader.u8())} ${hex(reader.u8())}`;
    const read = Object.hasOwn(channels, channel) ? channels[channel] : undefined;
    if (read === undefined) return misfit(`channel ${channel} is none of this device's`);
    const part = read(reader, frame);
    if (reader.isShort) return misfit(`the bytes end inside channel ${channel}`);
    if (!part.ok) return part;
    samples.push(...part.value);
  }
  return reader.isShort ? misfit("the bytes end inside a channel") : parsed({ samples, labels: {} });
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

export const milesightSensors: readonly FrameDecoder[] = [
  sensor({
    name: "em300-di", aliases: ["milesight-em300-di"], what: "Milesight EM300-DI: pulse counter with stored history",
    channels: {
      "01 75": battery, "03 67": temperature, "04 68": humidity, "20 ce": storedPulse,
      "05 00": (reader) => some(now("gpio", reader.u8())), "05 c8": (reader) => some(now("pulse", reader.u32le(), "pulse")),
    },
  }),
  sensor({
    name: "em500-swl", aliases: ["milesight-em500-swl"], what: "Milesight EM500-SWL: submersible level in cm",
    channels: { "01 75": battery, "03 77": (reader) => some(now("level", reader.u16le(), "cm")), "20 ce": storedLength("level", "cm") },
  }),
  sensor({
    name: "em310-udl", aliases: ["milesight-em310-udl"], what: "Milesight EM310-UDL: ultrasonic distance in mm",
    channels: { "01 75": battery, "03 82": (reader) => some(now("distance", reader.u16le(), "mm")), "04 00": (reader) => some(now("tilted", reader.u8())) },
  }),
  sensor({
    name: "em500-udl", aliases: ["milesight-em500-udl"], what: "Milesight EM500-UDL: ultrasonic distance in mm",
    channels: { "01 75": battery, "03 82": (reader) => some(now("distance", reader.u16le(), "mm")), "20 ce": storedLength("distance", "mm") },
  }),
];

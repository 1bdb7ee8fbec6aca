import { parsed, type Parsed } from "../decoded.ts";
import { ByteReader } from "./byte-reader.ts";
import { clockTime, misfit, type Frame, type FrameContent, type FrameDecoder, type FrameSample } from "./frame-decoder.ts";

const DATA_PORT = 100;
const ALARM_PORT = 103;
const HEAD_BYTES = 17;
const ALARM_BYTES = 5;
const HOUR_US = 3_600_000_000;
/** What radio frames are filled up with. */
const FILLER = 0x2f;
const MAX_HOURS = 120;

/** The status is a number of bits; its upper five name one alarm together. */
const LOW_BITS: readonly (readonly [number, string])[] = [[0x04, "battery-low"], [0x08, "permanent-error"]];
const UPPER: Readonly<Record<number, string>> = { 0x10: "dry", 0x30: "leak", 0x70: "backflow", 0x90: "low-temperature", 0xb0: "burst", 0xd0: "manipulation" };

/**
 * Axioma Qalcosonic W1. Port 100: the total in litres at the meter's own time, the total at the first log, and litres of the hours after it;
 * the hours become totals with times of their own. Port 103: time and status alone. All numbers have their little end first.
 */
export const qalcosonicW1: FrameDecoder = {
  name: "qalcosonic-w1",
  aliases: ["axioma-qalcosonic-w1", "qalcosonic"],
  what: "Axioma Qalcosonic W1: volume in litres with its hourly log, alarms",
  decode: (frame) => {
    const { fPort, bytes } = frame;
    if (fPort === ALARM_PORT || (fPort === null && bytes.length === ALARM_BYTES)) return readAlarm(frame);
    return fPort === DATA_PORT || fPort === null ? readTotals(frame) : misfit(`port ${fPort}, where 100 brings volumes and 103 alarms`);
  },
};

function readAlarm(frame: Frame): Parsed<FrameContent> {
  if (frame.bytes.length !== ALARM_BYTES) return misfit(`${frame.bytes.length} bytes, where an alarm has ${ALARM_BYTES}`);
  const reader = new ByteReader(frame.bytes);
  const time = clockTime(reader.u32le(), "frame.time", frame);
  if (!time.ok) return time;
  const status = reader.u8();
  return parsed({ samples: [{ key: "status", value: status, unit: null, timeUs: time.value }], labels: statusLabels(status) });
}

function readTotals(frame: Frame): Parsed<FrameContent> {
  const { bytes } = frame;
  if (bytes.length < HEAD_BYTES) return misfit(`${bytes.length} bytes, where the totals alone have ${HEAD_BYTES}`);
  const tail = bytes.length - HEAD_BYTES;
  if (tail % 2 === 1 && bytes.at(-1) !== FILLER) return misfit("half an hourly increment at the end");
  const reader = new ByteReader(bytes);
  const time = clockTime(reader.u32le(), "frame.time", frame);
  if (!time.ok) return time;
  const status = reader.u8();
  const litres = reader.u32le();
  const logSeconds = reader.u32le();
  const logLitres = reader.u32le();
  const labels = statusLabels(status);
  const samples: FrameSample[] = [volume(litres, time.value), { key: "status", value: status, unit: null, timeUs: time.value }];
  // A meter that has logged nothing yet leaves the place empty.
  if (logSeconds === 0 && logLitres === 0) return parsed({ samples, labels });
  const logged = clockTime(logSeconds, "frame.logTime", frame);
  if (!logged.ok) return logged;
  const increments = Array.from({ length: Math.floor(tail / 2) }, () => reader.u16le());
  const hours = totalsOfHours(logged.value, logLitres, increments);
  const last = hours.at(-1);
  // Hours after the meter's own time, or that pass its total, are read with a wrong step: what it states outright is kept, the rest is not made up.
  const fits = increments.length <= MAX_HOURS && last !== undefined && last.timeUs <= time.value && last.litres <= litres && (last.timeUs < time.value || last.litres === litres);
  if (!fits) {
    labels["log"] = "does not fit the total";
    return parsed({ samples: logged.value < time.value ? [volume(logLitres, logged.value), ...samples] : samples, labels });
  }
  return parsed({ samples: [...hours.filter(({ timeUs }) => timeUs < time.value).map(({ timeUs, litres: at }) => volume(at, timeUs)), ...samples], labels });
}

function totalsOfHours(firstUs: number, firstLitres: number, increments: readonly number[]): readonly { readonly timeUs: number; readonly litres: number }[] {
  let litres = firstLitres;
  return [{ timeUs: firstUs, litres }, ...increments.map((increment, at) => {
    litres += increment;
    return { timeUs: firstUs + (at + 1) * HOUR_US, litres };
  })];
}

function volume(litres: number, timeUs: number): FrameSample {
  return { key: "volume", value: litres, unit: "L", timeUs };
}

function statusLabels(status: number): Record<string, string> {
  const names = LOW_BITS.filter(([bit]) => (status & bit) !== 0).map(([, name]) => name);
  const upper = status & 0xf0;
  if (upper !== 0) names.push(UPPER[upper] ?? `alarm-0x${upper.toString(16)}`);
  return { alarms: names.length === 0 ? "none" : names.join(",") };
}

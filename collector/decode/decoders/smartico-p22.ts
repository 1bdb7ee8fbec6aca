import { parsed } from "../decoded.ts";
import { ByteReader } from "./byte-reader.ts";
import { misfit, now, type FrameDecoder } from "./frame-decoder.ts";

const BYTES = 11;
/** The first byte, from its lowest bit. */
const FLAGS = ["battery-low", "motion", "magnet", "tamper", "power-on", "on-battery", "time-error", "configured"];

/**
 * Smartico P22-LR: two pulse inputs. Flags, a reserved byte, a byte of the inputs' own alarms, two counters with the big end first. A pulse is
 * 10 L in most installations; that factor belongs to the point, so the pulses are kept as they are.
 */
export const smarticoP22: FrameDecoder = {
  name: "smartico", aliases: ["smartico-p22-lr", "p22-lr", "smartico-pulse"], what: "Smartico P22-LR: two pulse counters, tamper and magnet flags",
  decode: ({ bytes }) => {
    if (bytes.length !== BYTES) return misfit(`${bytes.length} bytes, where a P22-LR sends ${BYTES}`);
    const reader = new ByteReader(bytes);
    const flags = reader.u8();
    reader.u8();
    const inputs = reader.u8();
    const names = FLAGS.filter((_, bit) => (flags & (1 << bit)) !== 0);
    const labels = {
      flags: names.length === 0 ? "none" : names.join(","),
      fraud_1: String(inputs & 7), fraud_2: String((inputs >> 3) & 7), input_error_1: String((inputs >> 6) & 1), input_error_2: String((inputs >> 7) & 1),
    };
    return parsed({ samples: [now("pulse_1", reader.u32be(), "pulse"), now("pulse_2", reader.u32be(), "pulse")], labels });
  },
};

import { parsed } from "../decoded.ts";
import { readRegisters } from "../register-map.ts";
import { misfit, now, type FrameDecoder } from "./frame-decoder.ts";
import { ByteReader } from "./byte-reader.ts";

/** Bytes that are 16-bit words, the big end first, as a PLC's registers travel; the mapping says what is in them. */
export const registerFrame: FrameDecoder = {
  name: "registers", aliases: [], what: "16-bit registers, as the mapping's `registers` say",
  decode: ({ bytes, registers }) => {
    if (registers.length === 0) return misfit("the mapping names no registers");
    if (bytes.length % 2 !== 0) return misfit("an odd number of bytes is no row of 16-bit words");
    const reader = new ByteReader(bytes);
    const words = Array.from({ length: bytes.length / 2 }, () => reader.u16be());
    const values = readRegisters(registers, (name) => words[Number(name)]);
    return values.ok ? parsed({ samples: values.value.map(({ key, value, unit }) => now(key, value, unit)), labels: {} }) : values;
  },
};

import { decentlabDevices } from "./decentlab.ts";
import type { FrameDecoder } from "./frame-decoder.ts";
import { milesightSensors } from "./milesight.ts";
import { qalcosonicW1 } from "./qalcosonic-w1.ts";
import { registerFrame } from "./register-frame.ts";
import { smarticoP22 } from "./smartico-p22.ts";

/** Decoders of frames that `config/mqtt.yaml` may name. */
export const frameDecoders: readonly FrameDecoder[] = [qalcosonicW1, ...milesightSensors, smarticoP22, ...decentlabDevices, registerFrame];

const byName = new Map(frameDecoders.flatMap((decoder) => [decoder.name, ...decoder.aliases].map((name) => [name, decoder] as const)));

/** The decoder of a name as people and networks write it: `Qalcosonic W1`, `QALCOSONIC-W1`. */
export function findDecoder(name: string): FrameDecoder | undefined {
  return byName.get(name.trim().toLowerCase().replaceAll(/[\s_]+/g, "-"));
}

import { channel } from "./channel.ts";
import { household } from "./household.ts";
import { kettle } from "./kettle.ts";
import type { DeviceKind, Kind } from "./kind.ts";
import { well } from "./well.ts";

/** Every kind of device; to add one, a file and a row here. */
export const kinds: Readonly<Record<DeviceKind, Kind>> = { household, well, channel, kettle };

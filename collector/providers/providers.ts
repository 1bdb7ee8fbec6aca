import { httpJson } from "./http-json/http-json.ts";
import type { Provider } from "./provider.ts";
import { tagoio } from "./tagoio/tagoio.ts";
import { tdata } from "./tdata/tdata.ts";
import { thethingsIo } from "./thethings-io/thethings-io.ts";
import { thingsStack } from "./things-stack/things-stack.ts";
import { thingsboard } from "./thingsboard/thingsboard.ts";

/** Every provider that can be polled. A new one is a folder and a row here. */
export const providers: readonly Provider[] = [
  tdata,
  thethingsIo,
  tagoio,
  thingsStack,
  thingsboard,
  httpJson,
];

/** The provider of that id or alias, in any case; undefined when there is none. */
export function findProvider(name: string): Provider | undefined {
  const wanted = name.trim().toLowerCase();
  return providers.find(({ id, aliases }) => id === wanted || aliases.includes(wanted));
}

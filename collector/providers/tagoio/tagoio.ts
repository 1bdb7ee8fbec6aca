import type { Provider } from "../provider.ts";
import { request } from "./client.ts";
import { classify } from "./message.ts";
import { normalise } from "./normalise.ts";
import { tagoioSettings, type TagoioSettings } from "./settings.ts";

export const tagoio: Provider<TagoioSettings> = {
  id: "tagoio",
  aliases: ["novus"],
  title: "TagoIO (Novus)",
  settings: tagoioSettings,
  secrets: { account: [], device: ["token"] },
  baseUrl: ({ region }) => (region === "us-e1" ? "https://api.tago.io" : `https://api.${region}.tago.io`),
  keysPerCall: "all",
  // A Free profile may read 250 times in a minute; what people do in its console counts too.
  budget: [{ calls: 5, perMs: 1000 }, { calls: 200, perMs: 60_000 }],
  hasHistory: true,
  request,
  normalise,
  classify,
};

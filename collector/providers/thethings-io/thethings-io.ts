import type { Provider } from "../provider.ts";
import { request } from "./client.ts";
import { classify, normalise } from "./normalise.ts";
import { thethingsSettings, type ThethingsSettings } from "./settings.ts";

export const thethingsIo: Provider<ThethingsSettings> = {
  id: "thethings-io",
  aliases: ["nettra"],
  title: "thethings.io (Nettra)",
  settings: thethingsSettings,
  secrets: { account: [], device: ["token"] },
  baseUrl: () => "https://api.thethings.io",
  keysPerCall: "one",
  budget: [{ calls: 5, perMs: 1000 }, { calls: 120, perMs: 60_000 }],
  hasHistory: true,
  request,
  normalise,
  classify,
};

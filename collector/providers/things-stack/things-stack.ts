import { parseJson } from "../../decode/json-rows.ts";
import { isObject } from "../../decode/object-reader.ts";
import type { Answer, Failure, Provider } from "../provider.ts";
import { request } from "./client.ts";
import { normalise } from "./normalise.ts";
import { thingsStackSettings, type ThingsStackSettings } from "./settings.ts";

/** The Things Stack v3, by its Storage Integration: for filling gaps after an outage. Live readings come by MQTT or webhook. */
export const thingsStack: Provider<ThingsStackSettings> = {
  id: "things-stack",
  aliases: ["ttn", "tti", "the-things-stack"],
  title: "The Things Stack v3 (Storage Integration)",
  settings: thingsStackSettings,
  secrets: { account: ["apiKey"], device: [] },
  baseUrl: ({ cluster }) => `https://${cluster}.cloud.thethings.network`,
  keysPerCall: "all",
  budget: [{ calls: 2, perMs: 1000 }],
  hasHistory: true,
  request,
  normalise,
  classify,
};

/** A rate limit may hide behind another status: its body says code 8. */
function classify({ status, body }: Answer): Failure | undefined {
  const json = parseJson(body);
  if (!json.ok || !isObject(json.value) || json.value["code"] !== 8) return undefined;
  return { kind: "rate_limited", detail: `The Things Stack answered ${status} with code 8, which is its rate limit`, status };
}

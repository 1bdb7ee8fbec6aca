import type { Provider } from "../provider.ts";
import { classifyTokenError } from "../thingsboard/error-body.ts";
import { passwordLogin } from "../thingsboard/password-login.ts";
import { readTelemetry } from "../thingsboard/telemetry-answer.ts";
import { request } from "./client.ts";
import { tdataSettings, type TdataSettings } from "./settings.ts";

/** T.Data of Twindimension: a platform of ThingsBoard's kin with paths and a header of its own. */
export const tdata: Provider<TdataSettings> = {
  id: "tdata",
  aliases: ["twin"],
  title: "TDATA (Twindimension)",
  settings: tdataSettings,
  secrets: { account: ["username", "password"], device: [] },
  baseUrl: () => "https://api.twindimension.com",
  keysPerCall: "all",
  budget: [{ calls: 5, perMs: 1000 }],
  login: passwordLogin({ path: "/tdata/v1/login", header: "Authorization" }),
  hasHistory: true,
  request,
  normalise: readTelemetry,
  classify: classifyTokenError,
};

import type { Provider } from "../provider.ts";
import { request } from "./client.ts";
import { classifyTokenError } from "./error-body.ts";
import { passwordLogin } from "./password-login.ts";
import { thingsboardSettings, type ThingsboardSettings } from "./settings.ts";
import { readTelemetry } from "./telemetry-answer.ts";

export const thingsboard: Provider<ThingsboardSettings> = {
  id: "thingsboard",
  aliases: [],
  title: "ThingsBoard",
  settings: thingsboardSettings,
  secrets: { account: ["username", "password"], device: [] },
  baseUrl: () => "https://thingsboard.cloud",
  keysPerCall: "all",
  budget: [{ calls: 5, perMs: 1000 }],
  login: passwordLogin({ path: "/api/auth/login", header: "X-Authorization" }),
  hasHistory: true,
  request,
  normalise: readTelemetry,
  classify: classifyTokenError,
};

import type { Answer, Failure, Provider } from "../provider.ts";
import type { HttpJsonSettings } from "./block.ts";
import { request } from "./client.ts";
import { loginOf } from "./login.ts";
import { normalise } from "./normalise.ts";
import { asksOneByOne, budgetOf, httpJsonSettings, secretsOf } from "./settings.ts";

/** Any service that answers with JSON, by a block of `config/providers.yaml`. A block becomes a provider of its own by `blockProvider`. */
export const httpJson: Provider<HttpJsonSettings> = {
  id: "http-json",
  aliases: [],
  title: "HTTP with JSON, by configuration",
  settings: httpJsonSettings,
  secrets: { account: [], device: [] },
  baseUrl: ({ baseUrl }) => baseUrl,
  keysPerCall: "one",
  budget: [{ calls: 2, perMs: 1000 }],
  hasHistory: true,
  request,
  normalise,
};

/** The provider that a block describes: it is called by the block's name, and its readings' source is that name. */
export function blockProvider(id: string, settings: HttpJsonSettings): Provider<HttpJsonSettings> {
  const login = loginOf(settings);
  const names = secretsOf(settings);
  return {
    ...httpJson,
    id,
    title: settings.title ?? id,
    secrets: { account: names.filter((name) => !settings.deviceSecrets.includes(name)), device: settings.deviceSecrets },
    keysPerCall: asksOneByOne(settings) ? "one" : "all",
    budget: budgetOf(settings),
    ...(login === undefined ? {} : { login }),
    hasHistory: settings.history !== undefined,
    classify: (answer) => classified(answer, settings),
  };
}

function classified({ status }: Answer, { statuses }: HttpJsonSettings): Failure | undefined {
  const kind = Object.hasOwn(statuses, String(status)) ? statuses[String(status)] : undefined;
  return kind === undefined ? undefined : { kind, detail: `the service answered ${status}`, status };
}

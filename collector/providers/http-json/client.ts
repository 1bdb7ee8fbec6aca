import type { PageAsk, ProviderRequest, Window } from "../provider.ts";
import { credentialsOf } from "./authentication.ts";
import type { HistorySettings, HttpJsonSettings, MapSettings, RequestSettings } from "./block.ts";
import { compilePath, type JsonPath } from "./json-path.ts";
import { secretIn } from "./login.ts";
import { pageOf } from "./paging.ts";
import { EACH_VARIABLE, fillJson, fillPath, fillText, type TemplateValues } from "./template.ts";

const HISTORY_TIMEOUT_MS = 30_000;
const UNPRINTABLE = /[^\x20-\x7e]/g;

/** What one ask comes to: which request, over which time, and where its answer holds rows. */
export interface Plan {
  readonly request: RequestSettings;
  /** Undefined where the service says its newest by itself. */
  readonly history: HistorySettings | undefined;
  readonly window: Window | undefined;
  readonly samples: JsonPath;
  readonly map: MapSettings;
}

const WHOLE_ANSWER = compilePath("$");

/** A window asks the history; so does the newest where there is no request for it, over the last `newest`. */
export function planOf(settings: HttpJsonSettings, asked: Window | undefined, nowUs: number): Plan {
  const { request, history, samples = WHOLE_ANSWER } = settings;
  if (request !== undefined && (asked === undefined || history === undefined)) return { request, history: undefined, window: undefined, samples, map: mapOf(settings.map) };
  if (history === undefined) throw new Error("a block has a request or a history");
  const window = asked ?? { fromUs: nowUs - history.newest * 1000, toUs: nowUs };
  return { request: history, history, window, samples: history.samples ?? samples, map: mapOf(history.map ?? settings.map) };
}

export function request(ask: PageAsk<HttpJsonSettings>): ProviderRequest {
  const { settings, secrets, device } = ask;
  const plan = planOf(settings, ask.window, ask.nowUs);
  const values = valuesOf(ask, plan);
  const { request: template } = plan;
  const credentials = credentialsOf(settings.auth, values.secret);
  const timeoutMs = template.timeoutMs ?? (plan.history === undefined ? undefined : HISTORY_TIMEOUT_MS);
  const headers = Object.entries(template.headers).map(([name, text]) => [name.toLowerCase(), printable(fillText(text, values))]);
  return {
    method: template.method,
    path: fillPath(template.path, { ...values, secret: secretIn({ ...secrets, ...device.secrets }) }),
    query: [...Object.entries(template.query).flatMap(([name, text]) => queryOf(name, text, values)), ...credentials.query],
    headers: { accept: "application/json", ...Object.fromEntries(headers), ...credentials.headers },
    ...(template.json === undefined ? {} : { json: fillJson(template.json, values) }),
    ...(template.form === undefined ? {} : { form: Object.fromEntries(Object.entries(template.form).map(([name, text]) => [name, fillText(text, values)])) }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

function valuesOf({ secrets, device, keys, page: written }: PageAsk<HttpJsonSettings>, { history, window }: Plan): TemplateValues {
  const values = { device: device.remote, variables: keys, limit: history?.limit ?? 1, secret: secretIn({ ...secrets, ...device.secrets }) };
  if (history === undefined || window === undefined) return values;
  const { paging, time: { format, zone = "UTC" } } = history;
  const page = pageOf(written);
  const number = paging.kind === "page" ? (page.page ?? paging.first) : paging.kind === "token" ? page.token : undefined;
  return {
    ...values,
    from: format.write(page.fromUs ?? window.fromUs, zone, "down"),
    to: format.write(page.toUs ?? window.toUs, zone, "up"),
    ...(number === undefined ? {} : { page: number }),
    ...(paging.kind === "offset" ? { offset: page.offset ?? paging.first } : {}),
  };
}

/** A parameter that only says a page is left out on the first page of a service that gives tokens. */
function queryOf(name: string, text: string | number | boolean, values: TemplateValues): readonly (readonly [string, string])[] {
  if (typeof text !== "string") return [[name, String(text)]];
  if (text === EACH_VARIABLE) return values.variables.map((variable) => [name, variable] as const);
  if (text === "{page}" && values.page === undefined) return [];
  return [[name, fillText(text, values)]];
}

/** A header holds printable ASCII; what a device's name has besides is percent-encoded. */
function printable(text: string): string {
  return text.replace(UNPRINTABLE, (sign) => encodeURIComponent(sign));
}

function mapOf(map: MapSettings | undefined): MapSettings {
  if (map === undefined) throw new Error("a block says where its answers hold readings");
  return map;
}

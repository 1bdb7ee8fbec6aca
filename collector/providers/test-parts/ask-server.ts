import type { Answer, Login, PageAsk, Provider, ProviderRequest, TimedSample } from "../provider.ts";

const MAX_CALLS = 500;

/** One call by plain fetch, without any of the collector's care for failures. */
export async function send(baseUrl: string, { method, path, query = [], headers = {}, json }: ProviderRequest): Promise<Answer> {
  const search = new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString();
  const response = await fetch(`${baseUrl}${path}${search === "" ? "" : `?${search}`}`, {
    method, headers: json === undefined ? headers : { ...headers, "content-type": "application/json" }, ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  return { status: response.status, headers: Object.fromEntries(response.headers), body: new Uint8Array(await response.arrayBuffer()) };
}

export async function tokenFrom(baseUrl: string, login: Login<unknown>, secrets: Readonly<Record<string, string>>): Promise<string> {
  const given = login.token(await send(baseUrl, login.request({}, secrets)), Date.now() * 1000);
  if (!("token" in given)) throw new Error(`${given.kind}: ${given.detail}`);
  return given.token;
}

/** All pages of an ask from a server. Throws for whatever is not 2xx, for failures, and for a reading without an end. */
export async function readServer(provider: Provider, ask: Omit<PageAsk<unknown>, "page">, { baseUrl, token }: { readonly baseUrl: string; readonly token: string | undefined }): Promise<{ readonly samples: readonly TimedSample[]; readonly calls: number; readonly refused: number }> {
  const samples: TimedSample[] = [];
  let refused = 0;
  let page: unknown;
  for (let calls = 1; calls <= MAX_CALLS; calls++) {
    const request = provider.request({ ...ask, page });
    const answer = await send(baseUrl, token === undefined || provider.login === undefined ? request : provider.login.apply(request, token));
    if (answer.status !== 200) throw new Error(`${answer.status}: ${Buffer.from(answer.body).toString("utf8", 0, 200)}`);
    const outcome = provider.normalise(answer, { ...ask, page });
    if (outcome.kind !== "ok" && outcome.kind !== "no_data") throw new Error(`${outcome.kind}: ${outcome.detail}`);
    if (outcome.kind === "ok") {
      samples.push(...outcome.samples);
      refused += outcome.refused?.length ?? 0;
    }
    if (outcome.next === undefined) return { samples, calls, refused };
    page = outcome.next;
  }
  throw new Error("the pages have no end");
}

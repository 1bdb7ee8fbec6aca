import { hidronet } from "./hidronet.ts";
import type { ProviderModel, Route } from "./provider.ts";
import { tagoio } from "./tagoio.ts";
import { tdata } from "./tdata.ts";
import { thethingsIo } from "./thethings-io.ts";
import { thingsStack } from "./things-stack.ts";
import { thingsboard } from "./thingsboard.ts";
import { ubidots } from "./ubidots.ts";
import { wiseconn } from "./wiseconn.ts";

/** Every provider that the sandbox plays. */
export const models: readonly ProviderModel[] = [tdata, thingsboard, thethingsIo, tagoio, thingsStack, wiseconn, ubidots, hidronet];

/** The route that a path takes and what stands in its braces; "method" when only the method is wrong. */
export function routeOf(model: ProviderModel, method: string, path: string): { readonly route: Route; readonly params: Readonly<Record<string, string>> } | "method" | undefined {
  let other = false;
  for (const route of model.routes) {
    const params = matched(route.path, path);
    if (params === undefined) continue;
    if (route.method === method) return { route, params };
    other = true;
  }
  return other ? "method" : undefined;
}

function matched(template: string, path: string): Readonly<Record<string, string>> | undefined {
  const [names, segments] = [template.split("/"), path.split("/")];
  if (names.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, name] of names.entries()) {
    const segment = segments[at] ?? "";
    if (!name.startsWith("{")) {
      if (name !== segment) return undefined;
    } else if (segment === "") return undefined;
    else params[name.slice(1, -1)] = decoded(segment);
  }
  return params;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

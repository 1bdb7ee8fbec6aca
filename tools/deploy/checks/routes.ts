import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LONGEST_MS } from "../../../analytics/live/event-stream.ts";
import { ownPaths, servedPaths, type ServedPath } from "../fleet.ts";
import { ingressRoutes } from "../ingress.ts";
import { blocks, locationFor, locationsOf, named, parseNginx, type Directive, type Location } from "../nginx-config.ts";

/** Paths that a person sees by one process in the name of all. */
const shownByWeb = ["/texts/es.json", "/openapi.json", "/health", "/readyz", "/livez"];
const ANSWERS_ITSELF = ["/metrics", "/nginx-health"];

/** The value in force at a location: its own, the server's, or the http block's. */
function inForce(config: readonly Directive[], location: Location, name: string): string | undefined {
  const levels = [location.directives, blocks(config, "http", "server"), blocks(config, "http")];
  return levels.map((level) => named(level, name)[0]?.args[0]).find((value) => value !== undefined);
}

function routeFindings(config: readonly Directive[], served: readonly ServedPath[]): string[] {
  const locations = locationsOf(config);
  const used = new Set<Location>();
  const most = new Map<Location, number>();
  const findings: string[] = [];
  for (const each of served) {
    const location = locationFor(locations, each.path);
    if (location === undefined) {
      findings.push(`nginx: ${each.path} (${each.what}) has no route`);
      continue;
    }
    used.add(location);
    if (location.upstream !== each.service) findings.push(`nginx: ${each.path} (${each.what}) is ${each.service}'s, and goes to ${location.upstream ?? "nobody"}`);
    const bodyBytes = Number(inForce(config, location, "client_max_body_size"));
    if (each.bodyBytes > bodyBytes) findings.push(`nginx: ${each.path} takes ${each.bodyBytes} bytes, nginx ${bodyBytes}`);
    most.set(location, Math.max(most.get(location) ?? 0, each.bodyBytes));
    if (!each.isStream) continue;
    if (inForce(config, location, "proxy_buffering") !== "off") findings.push(`nginx: ${each.path} is a stream, and nginx keeps it back`);
    if (Number.parseInt(inForce(config, location, "proxy_read_timeout") ?? "60", 10) * 1000 <= LONGEST_MS) findings.push(`nginx: ${each.path} lasts up to ${LONGEST_MS / 1000} s, and nginx ends it sooner`);
  }
  // A service answers 413 itself where it takes less than others behind the same location.
  for (const [location, bytes] of most) {
    const bodyBytes = Number(inForce(config, location, "client_max_body_size"));
    if (bytes > 0 && bodyBytes > bytes) findings.push(`nginx: what is behind ${location.label} takes ${bytes} bytes, nginx ${bodyBytes}`);
  }
  for (const location of locations) {
    if (used.has(location) || ANSWERS_ITSELF.includes(location.path)) continue;
    findings.push(`nginx: location ${location.label} leads to no operation`);
  }
  for (const path of ANSWERS_ITSELF) if (locationFor(locations, path)?.upstream !== undefined) findings.push(`nginx: ${path} must not reach a service`);
  return findings;
}

function ingressFindings(root: string, served: readonly ServedPath[]): string[] {
  const routes = ingressRoutes(root);
  const used = new Set<string>();
  const findings = served.flatMap(({ path, what, service }) => {
    const route = routes.filter((each) => path === each.path || path.startsWith(`${each.path.replace(/\/$/, "")}/`)).sort((a, b) => b.path.length - a.path.length)[0];
    if (route === undefined) return [`ingress: ${path} (${what}) has no route`];
    used.add(route.path);
    return route.service === service ? [] : [`ingress: ${path} (${what}) is ${service}'s, and goes to ${route.service}`];
  });
  return [...findings, ...routes.filter(({ path }) => !used.has(path)).map(({ path }) => `ingress: ${path} leads to no operation`)];
}

/** Every operation has its route to its own service, in nginx and in the ingress, with limits that fit; and no route leads nowhere. */
export async function checkRoutes(root: string): Promise<string[]> {
  const own = new Set(ownPaths().map(({ path }) => path.replace("{language}", "es")));
  const shown: ServedPath[] = shownByWeb.map((path) => ({ service: "web", what: "web's own", path, bodyBytes: 0, isStream: false }));
  const gone = shownByWeb.filter((path) => !own.has(path)).map((path) => `nginx: no server answers ${path}`);
  const served = [...(await servedPaths()), ...shown];
  const config = parseNginx(readFileSync(join(root, "deploy/nginx/nginx.conf"), "utf8"));
  return [...gone, ...routeFindings(config, served), ...ingressFindings(root, served)];
}

/** Parts of a point's screen, each with a path of its own; history is the first. */
export const pointTabs = ["history", "settings", "decisions", "corrections"] as const;
export type PointTab = (typeof pointTabs)[number];

/** Parts of what is owed to regulators, and of one work's screen; the first of each is its plain path. */
export const complianceParts = ["obras", "review", "plan", "credentials"] as const;
export type CompliancePart = (typeof complianceParts)[number];
export const obraTabs = ["calendar", "ledger", "right", "settings"] as const;
export type ObraTab = (typeof obraTabs)[number];

/** The screens of the page, by path. */
export type Route =
  | { readonly page: "points" }
  | { readonly page: "point"; readonly id: string; readonly tab: PointTab }
  | { readonly page: "decisions" }
  | { readonly page: "parked" }
  | { readonly page: "devices" }
  | { readonly page: "providers" }
  | { readonly page: "compliance"; readonly part: CompliancePart }
  | { readonly page: "obra"; readonly regulator: string; readonly code: string; readonly tab: ObraTab }
  /** A work is registered where none is named, else changed. */
  | { readonly page: "obra-form"; readonly work: { readonly regulator: string; readonly code: string } | null }
  | { readonly page: "obra-import" }
  | { readonly page: "not-found" };

export interface Place {
  readonly route: Route;
  readonly search: string;
}

export function readRoute(pathname: string): Route {
  const path = pathname.replace(/\/+$/, "") || "/";
  if (path === "/" || path === "/points") return { page: "points" };
  if (path === "/parked") return { page: "parked" };
  if (path === "/devices") return { page: "devices" };
  if (path === "/providers") return { page: "providers" };
  if (path === "/decisions") return { page: "decisions" };
  if (path === "/compliance" || path.startsWith("/compliance/")) return readCompliance(path.slice("/compliance".length + 1).split("/"));
  const [, point, name = "history"] = /^\/points\/([^/]+)(?:\/(settings|decisions|corrections))?$/.exec(path) ?? [];
  const tab = pointTabs.find((known) => known === name);
  if (point === undefined || tab === undefined) return { page: "not-found" };
  try {
    return { page: "point", id: decodeURIComponent(point), tab };
  } catch {
    return { page: "not-found" };
  }
}

export function pointHref(id: string, tab: PointTab = "history"): string {
  return `/points/${encodeURIComponent(id)}${tab === "history" ? "" : `/${tab}`}`;
}

function readCompliance([first = "", second, third, ...more]: readonly string[]): Route {
  const none: Route = { page: "not-found" };
  if (second === undefined) {
    if (first === "new") return { page: "obra-form", work: null };
    if (first === "import") return { page: "obra-import" };
    const part = first === "" ? "obras" : complianceParts.find((known) => known === first && known !== "obras");
    return part === undefined ? none : { page: "compliance", part };
  }
  const tab = third === undefined ? "calendar" : third === "edit" ? third : obraTabs.find((known) => known === third && known !== "calendar");
  if (tab === undefined || first === "" || second === "" || more.length > 0) return none;
  try {
    const work = { regulator: decodeURIComponent(first), code: decodeURIComponent(second) };
    return tab === "edit" ? { page: "obra-form", work } : { page: "obra", ...work, tab };
  } catch {
    return none;
  }
}

export function complianceHref(part: CompliancePart = "obras"): string {
  return part === "obras" ? "/compliance" : `/compliance/${part}`;
}

export function obraHref({ regulator, code }: { readonly regulator: string; readonly code: string }, tab: ObraTab = "calendar"): string {
  return `/compliance/${encodeURIComponent(regulator)}/${encodeURIComponent(code)}${tab === "calendar" ? "" : `/${tab}`}`;
}

export const obraImportHref = "/compliance/import";

/** Where a work is changed; without one, where a new one is registered. */
export function obraFormHref(work: { readonly regulator: string; readonly code: string } | null): string {
  return work === null ? "/compliance/new" : `${obraHref(work)}/edit`;
}

/** What decides whether a click on a link stays in the page. */
export interface LinkClick {
  readonly button: number;
  readonly modified: boolean;
  readonly href: string;
  readonly target: string;
  readonly download: boolean;
  readonly origin: string;
}

/** The path to go to without loading the page anew; null when the browser shall follow the link itself. */
export function insideHref(click: LinkClick): string | null {
  if (click.button !== 0 || click.modified || click.download || (click.target !== "" && click.target !== "_self")) return null;
  const url = new URL(click.href, click.origin);
  if (url.origin !== click.origin || url.hash !== "") return null;
  return readRoute(url.pathname).page === "not-found" ? null : url.pathname + url.search;
}

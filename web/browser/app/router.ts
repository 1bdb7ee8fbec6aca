/** The screens of the page, by path. */
export type Route =
  | { readonly page: "points" }
  | { readonly page: "point"; readonly id: string }
  | { readonly page: "parked" }
  | { readonly page: "devices" }
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
  const point = /^\/points\/([^/]+)$/.exec(path)?.[1];
  if (point === undefined) return { page: "not-found" };
  try {
    return { page: "point", id: decodeURIComponent(point) };
  } catch {
    return { page: "not-found" };
  }
}

export function pointHref(id: string): string {
  return `/points/${encodeURIComponent(id)}`;
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

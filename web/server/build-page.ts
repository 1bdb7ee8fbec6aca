import { createHash } from "node:crypto";
import { assetOf, IMMUTABLE, REVALIDATE, type PageAsset, type PageAssets } from "./assets.ts";
import { bundlePage } from "./bundle.ts";
import { documentOf } from "./document.ts";
import { iconSvg } from "./icon.ts";

const FOLDER = "/assets/";
const svg = "image/svg+xml";

function contentTypeOf(name: string): string {
  return name.endsWith(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8";
}

/** Builds the whole page in memory: the document under "/", all else under /assets with its hash in the name. Takes some 100 ms. */
export async function buildPage(): Promise<PageAssets> {
  const { files, app, theme, style } = await bundlePage();
  const icon = `${FOLDER}icon-${createHash("sha256").update(iconSvg).digest("hex").slice(0, 8)}.svg`;
  const html = documentOf({ app: FOLDER + app, theme: FOLDER + theme, style: FOLDER + style, icon });
  const bundled = files.map(async ({ name, body }): Promise<[string, PageAsset]> => [FOLDER + name, await assetOf(body, contentTypeOf(name), IMMUTABLE)]);
  return new Map<string, PageAsset>([
    ["/", await assetOf(html, "text/html; charset=utf-8", REVALIDATE)],
    ...(await Promise.all(bundled)),
    [icon, await assetOf(iconSvg, svg, IMMUTABLE)],
    ["/favicon.svg", await assetOf(iconSvg, svg, REVALIDATE)],
  ]);
}

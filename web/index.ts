export { buildPage } from "./server/build-page.ts";
export { createPageHandler, type PageHandler } from "./server/handler.ts";
export { pageRoutes } from "./server/routes.ts";
export type { PageAsset, PageAssets } from "./server/assets.ts";

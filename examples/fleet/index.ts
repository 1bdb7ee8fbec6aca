export { readCatalog } from "./catalog.ts";
export type { Catalog, CatalogSeries, CatalogKey, Dataset, MessageStyle, TimeKind } from "./catalog.ts";
export { defaultDataDir, startFleet } from "./fleet.ts";
export type { Fleet, FleetOptions } from "./fleet.ts";
export type { FleetBudget, PaceLevel } from "./pace.ts";
export type { FleetProgress, FleetStatus } from "./player.ts";
export { clearFleetState } from "./state-file.ts";

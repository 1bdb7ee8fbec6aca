export { type ApplyBody, type ApplyOutcome } from "./configuration/body.ts";
export { documentSchema } from "./configuration/document.ts";
export { refusalText } from "./points/refusals.ts";
export { createBusiness, type Business, type BusinessOptions } from "./business.ts";
export type { Redecode, Redecoded } from "./parked/replay.ts";
export { parkedWaiting } from "./parked/waiting.ts";
export { TokenStore, type NewToken, type TokenRecord, type TokenView } from "./tokens/token-store.ts";
export { businessSettings, type BusinessSettings } from "./settings.ts";

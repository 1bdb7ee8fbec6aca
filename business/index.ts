export { createBusiness, type Business, type BusinessOptions } from "./business.ts";
export type { Redecode, Redecoded } from "./parked/replay.ts";
export { TokenStore, type NewToken, type TokenRecord, type TokenView } from "./tokens/token-store.ts";

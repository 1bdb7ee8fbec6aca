export { createAnalytics, type Analytics, type AnalyticsStatus } from "./analytics.ts";
export type { AnalyticsOptions } from "./options.ts";
export { analyticsSettings } from "./settings.ts";

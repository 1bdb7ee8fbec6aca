export { createAnalytics, type Analytics, type AnalyticsOptions, type AnalyticsStatus } from "./analytics.ts";
export { analyticsSettings } from "./settings.ts";

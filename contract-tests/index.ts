export { documentsSuite, type DocumentsHarness } from "./documents/suite.ts";
export type { EventLogHarness, EventLogQuirk, EventLogSuiteOptions } from "./event-log/harness.ts";
export { eventLogSuite } from "./event-log/suite.ts";
export type { SeriesTierFactory, SeriesTierFixture, SeriesTierQuirks, SeriesTierSuiteOptions } from "./series-tier/fixture.ts";
export { seriesTierSuite } from "./series-tier/suite.ts";
export { liveChannelSuite, type LiveChannelHarness } from "./live-channel/suite.ts";
export { schemaRegistrySuite, type CommittedSchema, type SchemaRegistryHarness } from "./schema-registry/suite.ts";
export { segmentStoreSuite, type SegmentStoreHarness } from "./segment-store/suite.ts";

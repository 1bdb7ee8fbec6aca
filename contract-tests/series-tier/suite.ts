import { describe } from "node:test";
import type { SeriesTierFactory, SeriesTierSuiteOptions, SuiteContext } from "./fixture.ts";
import { floorTests } from "./floors.ts";
import { latestTests } from "./latest.ts";
import { mergingTests } from "./merging.ts";
import { packingTests } from "./packing.ts";
import { propertyTests } from "./property.ts";
import { readingTests } from "./reading.ts";
import { revisionTests } from "./revisions.ts";
import { tenantTests } from "./tenants.ts";
import { valueTests } from "./values.ts";
import { volumeTests } from "./volume.ts";

/**
 * The executable meaning of SeriesTier, for each adapter and tier. What is checked follows the tier's capabilities; a quirk
 * weakens one check and says why.
 */
export function seriesTierSuite(name: string, factory: SeriesTierFactory, { quirks = {}, propertyRuns = 20 }: SeriesTierSuiteOptions = {}): void {
  const context: SuiteContext = { factory, quirks, propertyRuns };
  const reasons = Object.values(quirks).map(({ reason }) => reason);
  describe(`SeriesTier: ${name}${reasons.length > 0 ? ` (${reasons.join("; ")})` : ""}`, () => {
    describe("merging", () => mergingTests(context));
    describe("revisions", () => revisionTests(context));
    describe("reading", () => readingTests(context));
    describe("values", () => valueTests(context));
    describe("latest", () => latestTests(context));
    describe("floors", () => floorTests(context));
    describe("tenants", () => tenantTests(context));
    describe("packing", () => packingTests(context));
    describe("volume", () => volumeTests(context));
    describe("model", () => propertyTests(context));
  });
}

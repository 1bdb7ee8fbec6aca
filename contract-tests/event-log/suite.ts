import { describe } from "node:test";
import { consumingTests } from "./consuming.ts";
import type { EventLogHarness, EventLogSuiteOptions } from "./harness.ts";
import { placingTests } from "./placing.ts";
import { publishingTests } from "./publishing.ts";
import { readingTests } from "./reading.ts";
import { sceneTests } from "./scene.ts";
import { sharingTests } from "./sharing.ts";

/** The meaning of the port EventLog, as tests of one adapter; `factory` makes the harness of one test. */
export function eventLogSuite(name: string, factory: () => Promise<EventLogHarness>, options: EventLogSuiteOptions = {}): void {
  const test = sceneTests(factory, options);
  describe(`EventLog: ${name}`, () => {
    describe("publishing", () => publishingTests(test));
    describe("reading", () => readingTests(test));
    describe("consuming", () => consumingTests(test));
    describe("placing", () => placingTests(test));
    describe("sharing", () => sharingTests(test));
  });
}

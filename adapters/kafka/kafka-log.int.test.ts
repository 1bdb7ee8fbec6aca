import { eventLogSuite } from "@caudal/contract-tests";
import { withEngine } from "../../tools/engines/for-tests.ts";
import { kafkaHarness } from "./test-harness.ts";

withEngine("kafka", (url) => {
  eventLogSuite("kafka", async () => kafkaHarness(url), {
    quirks: { "held-clock": "a broker keeps records by its own clock, which a test cannot hold" },
  });
});

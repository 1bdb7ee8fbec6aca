import type { Scenario } from "../scenario.ts";
import { logScenarios } from "./log.ts";
import { networkScenarios } from "./network.ts";
import { memberScenarios, serviceScenarios } from "./services.ts";
import { storeScenarios } from "./stores.ts";

/** Every trouble, in the order of the report. */
export const scenarios: readonly Scenario[] = [...serviceScenarios, ...memberScenarios, ...logScenarios, ...storeScenarios, ...networkScenarios];

/** Those of `npm test`, which need no second node: one of a service, of the log and of a store. */
export const shortNames: readonly string[] = ["kill-processor", "offsets-reset", "redis-killed"];

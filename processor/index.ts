export type { Past } from "./mapping/remap-runner.ts";
export { createProcessor, type Processor, type ProcessorOptions, type ProcessorStatus } from "./processor.ts";
export { processorSettings, type ProcessorSettings } from "./settings.ts";
export type { PastOf, ReplayOptions, ReplayRequest, Shadow } from "./replay/options.ts";
export type { ChangeText } from "./replay/findings.ts";
export { createReplays, type PerformedReplay, type Replays } from "./replay/replays.ts";
export type { ReplayResult } from "./replay/replay.ts";
export { checkedRules } from "./replay/tried-rules.ts";

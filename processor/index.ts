export type { Past } from "./mapping/remap-runner.ts";
export { createProcessor, type Processor, type ProcessorOptions, type ProcessorStatus } from "./processor.ts";
export { processorSettings, type ProcessorSettings } from "./settings.ts";

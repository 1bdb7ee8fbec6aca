import { dga } from "./dga/dga.ts";
import type { RegulatorModel } from "./model.ts";
import { sma } from "./sma/sma.ts";

/** Every regulator that the sandbox plays. */
export const regulatorModels: readonly RegulatorModel[] = [dga, sma];

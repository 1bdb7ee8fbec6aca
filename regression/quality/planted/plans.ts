import { arrivalFaults } from "./arrival-faults.ts";
import { counterFaults } from "./counter-faults.ts";
import type { FaultPlan } from "./plan.ts";
import { sensorFaults } from "./sensor-faults.ts";

/** Every kind of fault that is planted. A new one is a row in one of these lists. */
export const faultPlans: readonly FaultPlan[] = [...sensorFaults, ...counterFaults, ...arrivalFaults];

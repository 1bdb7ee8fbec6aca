import type { IconName } from "../ui/icons.tsx";
import type { AccountState, DeviceState } from "./account-state.ts";

export const stateIcons: Readonly<Record<AccountState, IconName>> = { polling: "good", elsewhere: "not-evaluated", outage: "bad", standby: "pause" };

export const deviceIcons: Readonly<Record<DeviceState, IconName>> = { misconfigured: "bad", failing: "suspect", never: "missing", late: "stale", good: "good" };

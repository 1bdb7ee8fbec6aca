import { importSubmissions, type Compliance } from "@caudal/compliance";
import { systemScope } from "@caudal/core";
import type { Clock, Logger } from "@caudal/runtime";
import type { OwnRegulators } from "../composition/own-regulators.ts";
import { demoCentre, demoInformant, demoPassword, demoWorks } from "./demo-works.ts";
import { playEarlierPlatform } from "./earlier-platform.ts";

export interface SeedOptions {
  readonly compliance: Compliance;
  readonly regulators: OwnRegulators;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

const AUTHOR = "demo";

/**
 * Works of the demo that report to the sandbox in this process: a month that another platform had sent, the last hours still to go, one whose flow is beyond its right and one whose informant the regulator has
 * not. Once an installation; what is there already stays as it is.
 */
export async function seedDemoWorks({ compliance: { parts }, regulators: { sandbox, baseUrls }, clock, logger, signal }: SeedOptions): Promise<void> {
  const { obras, credentials, slots } = parts;
  const works = demoWorks(clock.nowUs());
  sandbox.register(works.map(({ code, registeredInformant }) => ({ code, centreRut: demoCentre, informantRut: registeredInformant, password: demoPassword })));
  await credentials.put(AUTHOR, "dga", { user: demoInformant, password: demoPassword }, clock.nowUs());
  for (const work of works) {
    if (signal.aborted || baseUrls.dga === undefined) return;
    if ((await obras.get(systemScope, `dga/${work.code}`)) !== undefined) continue;
    const csv = await playEarlierPlatform(baseUrls.dga, work, clock.nowUs() / 1000);
    // Off until its past is written down, so that nothing of it is sent again.
    await obras.put(AUTHOR, { ...work.draft, mode: "off" }, "demo: a work that reports");
    const { imported } = await importSubmissions({ obras, slots }, csv, { author: AUTHOR, dryRun: false, nowUs: () => clock.nowUs() });
    await obras.put(AUTHOR, work.draft, "demo: from here on it is sent from here");
    logger.info("demo.work-seeded", { code: work.code, imported });
  }
}

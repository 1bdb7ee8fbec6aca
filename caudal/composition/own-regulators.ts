import { join } from "node:path";
import type { RegulatorName } from "@caudal/compliance";
import type { Component, Logger } from "@caudal/runtime";
import type { RegulatorSandbox } from "@caudal/sandbox";
import type { Settings } from "./all-settings.ts";

/** Regulators in this process, made up, which keep what they are sent in the data folder. */
export interface OwnRegulators extends Component {
  /** Of the page on which a person sees what they have. */
  readonly url: string;
  readonly baseUrls: Partial<Record<RegulatorName, string>>;
  readonly sandbox: RegulatorSandbox;
  stop(): Promise<void>;
}

/** Always the same, so that a restart goes on. */
const SEED = "caudal";
const LOG_KEPT = 2000;

/** Opens a sandbox of the regulators, on a free port of this machine, where the installation is to send to one and no address of another was given. */
export async function openOwnRegulators({ dataDirectory, settings, logger }: { readonly dataDirectory: string; readonly settings: Settings; readonly logger: Logger }): Promise<OwnRegulators | undefined> {
  const { mode, dgaUrl, smaUrl } = settings.compliance;
  if (mode !== "sandbox" || (dgaUrl !== undefined && smaUrl !== undefined)) return undefined;
  const { openRegulatorSandbox } = await import("@caudal/sandbox");
  const sandbox = await openRegulatorSandbox({ seed: SEED, dataDirectory: join(dataDirectory, "regulators"), logKept: LOG_KEPT, takesUnknown: true });
  logger.info("regulators.sandbox-opened", { url: sandbox.url });
  let closing: Promise<void> | undefined;
  return { name: "regulators", url: sandbox.url, baseUrls: sandbox.baseUrls, sandbox, start: async () => undefined, stop: () => (closing ??= sandbox.close()) };
}

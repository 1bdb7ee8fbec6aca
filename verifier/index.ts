export type { Fault, Finding, Findings, WorkSummary } from "./finding.ts";
export { verifyFolder, verifyPack, type VerifyOptions } from "./verify.ts";

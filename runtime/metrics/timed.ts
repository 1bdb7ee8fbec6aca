import { CaudalError } from "@caudal/core";

/** Code of a failure as a metric label: the error's own, or `bug` for what nobody expected. */
export function codeOf(error: unknown): string {
  return error instanceof CaudalError ? error.code : "bug";
}

/** Seconds that a call took, told whether it succeeds or fails; failures are told their code. */
export async function timed<T>(call: () => Promise<T>, tell: { seconds?: (seconds: number) => void; failed: (code: string) => void }): Promise<T> {
  const beganMs = performance.now();
  try {
    return await call();
  } catch (error) {
    tell.failed(codeOf(error));
    throw error;
  } finally {
    tell.seconds?.((performance.now() - beganMs) / 1000);
  }
}

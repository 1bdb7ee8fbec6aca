import type { QuirkShares } from "../../../sandbox/index.ts";

/** Every way in which a provider fails or its rows are odd, at shares at which work still gets done. */
export const hostility: QuirkShares = {
  all: {
    "http-429": 0.01, "http-500": 0.02, "http-503": 0.01, "http-400": 0.02, "http-404": 0.01, "html-page": 0.02, "half-json": 0.02, "hang": 0.01, "reset": 0.02, "drip": 0.01,
    "gigantic": 0.001, "empty": 0.02, "missing-keys": 0.03, "text-numbers": 0.3, "duplicates": 0.1, "out-of-order": 0.1, "naive-time": 0.1, "offset-time": 0.1, "moving-pages": 0.3, "error-line": 0.03,
    "auth-storm": 0.01, "outage": 0.02, "stale-repeats": 0.1, "token-dies-early": 0.3,
    "counter-reset": 0.3, "wrap-16": 0.3, "wrap-32": 0.3, "meter-swap": 0.3,
    "gaps": 0.05, "late-rows": 0.05, "late-corrections": 0.05, "nan-text": 0.02, "negative-status": 0.03, "sentinels": 0.03, "truncated-digits": 0.02,
  },
};

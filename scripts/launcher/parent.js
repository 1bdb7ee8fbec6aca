const pollMs = 500;

/**
 * Stops this process as SIGTERM would when the shell that npm started it from is gone. npm passes a signal on to that
 * shell alone, which dies of it without a word to its child; without this, `kill` of an `npm start` would leave the
 * program running with nobody above it.
 */
export function stopWithNpm(env) {
  if (!env.npm_lifecycle_event || process.platform === "win32") return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, pollMs);
  timer.unref();
}

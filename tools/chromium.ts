import { firstExecutable } from "./executable.ts";

const places = [
  "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium", "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

/**
 * The Chromium for browser tests: CAUDAL_CHROMIUM where it is set, else the first of the usual places, else undefined.
 * Give it to playwright-core as `executablePath`.
 */
export function findChromium(): string | undefined {
  return process.env["CAUDAL_CHROMIUM"] || firstExecutable(places);
}

/** For `test(name, { skip })`: false where there is a browser, else the reason with the line that mends it. */
export function skipWithoutChromium(): string | false {
  if (findChromium()) return false;
  return "no Chromium here: apt-get install chromium, or set CAUDAL_CHROMIUM to the program of a Chrome";
}

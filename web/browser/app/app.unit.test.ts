import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { withQuery } from "../http/request.ts";
import { createServerClock } from "../http/server-clock.ts";
import { hexDump, readableText } from "../parked/hex.ts";
import { createPreferences, readTheme } from "./preferences.ts";
import { insideHref, pointHref, readRoute } from "./router.ts";
import { createStore } from "./store.ts";

describe("routes", () => {
  test("paths with and without a trailing slash", () => {
    assert.deepEqual(["/", "/points/", "/parked/", "/devices", "/providers/", "/nowhere"].map((path) => readRoute(path).page), ["points", "points", "parked", "devices", "providers", "not-found"]);
    assert.deepEqual(readRoute(pointHref("a/b c")), { page: "point", id: "a/b c", tab: "history" });
    assert.deepEqual(readRoute(`${pointHref("a/b c", "settings")}/`), { page: "point", id: "a/b c", tab: "settings" });
    assert.deepEqual(["/decisions", "/points/a/decisions", "/points/a/history", "/points/a/settings/b"].map((path) => readRoute(path).page), ["decisions", "point", "not-found", "not-found"]);
    assert.equal(readRoute("/points/%E0%A4%A").page, "not-found");
  });

  test("plain clicks on the page's own paths stay in the page, all others are the browser's", () => {
    const click = { button: 0, modified: false, href: "http://h.test/points/p?range=7d", target: "", download: false, origin: "http://h.test" };
    assert.equal(insideHref(click), "/points/p?range=7d");
    for (const other of [{ button: 1 }, { modified: true }, { download: true }, { target: "_blank" }, { href: "http://other.test/" }, { href: "http://h.test/metrics" }, { href: "http://h.test/#content" }]) {
      assert.equal(insideHref({ ...click, ...other }), null, JSON.stringify(other));
    }
  });
});

describe("preferences", () => {
  test("are kept under the product's name, and taken back", () => {
    const kept = new Map<string, string>();
    const preferences = createPreferences(() => ({ getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value), removeItem: (key) => void kept.delete(key) }));
    preferences.write("theme", "dark");
    assert.deepEqual([...kept], [["caudal.theme", "dark"]]);
    assert.equal(readTheme(preferences.read("theme")), "dark");
    preferences.write("theme", null);
    assert.equal(readTheme(preferences.read("theme")), "system");
  });

  test("a browser that refuses storage remembers nothing and does not fail", () => {
    const preferences = createPreferences(() => {
      throw new Error("denied");
    });
    preferences.write("language", "es");
    assert.equal(preferences.read("language"), null);
  });
});

test("a store tells its listeners of another value only, until they stop", () => {
  const store = createStore(1);
  const seen: number[] = [];
  const stop = store.subscribe(() => seen.push(store.get()));
  store.set(1);
  store.set(2);
  stop();
  store.set(3);
  assert.deepEqual(seen, [2]);
});

test("the server's clock corrects a wrong one and leaves a right one alone", () => {
  let localMs = 1_000_000;
  const clock = createServerClock(() => localMs);
  clock.observe(1_000_900);
  assert.equal(clock.nowMs(), 1_000_000);
  clock.observe(1_600_000);
  localMs += 1_000;
  assert.equal(clock.nowMs(), 1_601_500);
});

test("queries leave out what has no value and join those that are there", () => {
  assert.equal(withQuery("/a", { x: "1 2", y: null, z: undefined, w: "" }), "/a?x=1+2");
  assert.equal(withQuery("/a?x=1", { n: 0 }), "/a?x=1&n=0");
  assert.equal(withQuery("/a", {}), "/a");
});

test("bytes are written in rows of sixteen, not more than asked", () => {
  const dump = hexDump(new Uint8Array([...Buffer.from("0123456789abcdefXYZ"), 0, 255]), 20);
  assert.deepEqual(dump.split("\n"), [
    "000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef", "000010  58 59 5a 00                                       XYZ·",
  ]);
});

test("JSON is laid out, other text is left as it is", () => {
  assert.equal(readableText('{"a":1}'), '{\n  "a": 1\n}');
  assert.equal(readableText("12.5"), "12.5");
  assert.equal(readableText("{half"), "{half");
});

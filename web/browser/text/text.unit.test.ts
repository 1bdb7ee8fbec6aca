import assert from "node:assert/strict";
import { test } from "node:test";
import { fillText, pickLanguage, readTexts } from "./catalog.ts";
import { flagText, flagWord, parkNext, parkReasonCodes, parkText, reasonText, slotReasonText } from "./names.ts";

const texts = { "flag.3": "Suspect", "flag.2": "Not evaluated", "reason.rate": "Too fast", "slot-reason.no-data": "Nothing there", "park.empty": "Empty", "park.empty.next": "Send something", "page.a": "{count} of {total}" };

test("places are filled, unknown places and keys are shown as they are", () => {
  assert.equal(fillText(texts, "page.a", { count: 0, total: 7 }), "0 of 7");
  assert.equal(fillText(texts, "page.a", { count: 1 }), "1 of {total}");
  assert.equal(fillText(texts, "page.none"), "page.none");
});

test("a catalogue keeps its texts only", () => {
  assert.deepEqual(readTexts({ a: "x", b: 1 }), { a: "x" });
  assert.deepEqual(readTexts(null), {});
});

test("the remembered language wins, then the browser's first that the page speaks, then English", () => {
  assert.equal(pickLanguage("es", ["en"]), "es");
  assert.equal(pickLanguage("fr", ["fr-FR", "es-CL", "en"]), "es");
  assert.equal(pickLanguage(null, ["de"]), "en");
});

test("codes are named by the catalogue, unknown ones show themselves", () => {
  assert.equal(flagText(texts, 3), "Suspect");
  assert.equal(flagText(texts, 42), "Not evaluated");
  assert.equal(flagWord(4), "bad");
  assert.equal(reasonText(texts, "rate"), "Too fast");
  assert.equal(reasonText(texts, "new-reason"), "new-reason");
  assert.deepEqual(["no-data", "rate", "new-reason"].map((code) => slotReasonText(texts, code)), ["Nothing there", "Too fast", "new-reason"]);
  assert.equal(parkText(texts, "empty"), "Empty");
  assert.equal(parkNext(texts, "empty"), "Send something");
  assert.equal(parkNext(texts, "other"), "");
  assert.deepEqual(parkReasonCodes(texts), ["empty"]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isObraCode } from "./obra-code.ts";
import { checkedRut } from "./rut.ts";

test("vector P14: a RUT is sent without dots, with a capital K", () => {
  assert.deepEqual(checkedRut("12.345.678-5"), { ok: true, rut: "12345678-5" });
  assert.deepEqual(checkedRut(" 76000006-k "), { ok: true, rut: "76000006-K" });
  for (const rut of ["11111111-1", "12345678-5", "76543210-3", "14000000-0", "76000000-0", "76000006-K", "1000005-K"]) assert.deepEqual(checkedRut(rut), { ok: true, rut });
  for (const rut of ["", "12345678", "12345678-", "-5", "1234567a-5", "123456789-5", "12345678-55"]) assert.deepEqual(checkedRut(rut), { ok: false, why: "shape" });
});

test("vector P15: the check digit is checked, the manual's own samples are not valid", () => {
  assert.deepEqual(checkedRut("77555666-7"), { ok: false, why: "check-digit", expected: "8" });
  assert.deepEqual(checkedRut("20999888-7"), { ok: false, why: "check-digit", expected: "2" });
  assert.deepEqual(checkedRut("12345678-9"), { ok: false, why: "check-digit", expected: "5" });
});

test("of the eleven check digits exactly one is right, and one digit mistyped is seen", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 99_999_999 }), (number) => {
    const right = [..."0123456789K"].filter((check) => checkedRut(`${number}-${check}`).ok);
    assert.equal(right.length, 1);
    const text = String(number);
    for (let at = 0; at < text.length; at++) {
      const wrong = text.slice(0, at) + String((Number(text[at]) + 1) % 10) + text.slice(at + 1);
      assert.equal(checkedRut(`${wrong}-${right[0]}`).ok, false);
    }
  }));
});

test("vector P16, P17: codes of works", () => {
  for (const code of ["OB-0602-7", "OR-0101-12", "OB-1316-9999"]) assert.ok(isObraCode(code), code);
  for (const code of ["AB-0602-7", "OB-062-7", "OB-0602-", "ob-0602-7", "OB-0602-7 ", "OB-0602-0", "OB-1702-3", "OB-0002-3", "ND-0602-7"]) assert.ok(!isObraCode(code), code);
});

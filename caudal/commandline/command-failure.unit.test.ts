import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CaudalError, errorCodes } from "@caudal/core";
import { CommandFailure, toldFailure } from "./command-failure.ts";
import { exitCodeOf } from "./exit-codes.ts";

describe("a failure as it is told", () => {
  test("every code has a next step in both languages, and an exit code", () => {
    for (const code of errorCodes) {
      for (const language of ["en", "es"] as const) assert.ok(toldFailure(new CaudalError(code, "what happened"), language).next.length > 10, code);
      assert.ok([1, 2, 3].includes(exitCodeOf(code)));
    }
    assert.deepEqual((["not-found", "bad-request", "setting", "forbidden", "in-use", "unavailable"] as const).map(exitCodeOf), [1, 2, 2, 2, 3, 3]);
  });

  test("a port's words get a Spanish title; a command's are in the language already", () => {
    assert.equal(toldFailure(new CaudalError("in-use", "port 8000 is taken by process 7"), "en").message, "port 8000 is taken by process 7");
    assert.equal(toldFailure(new CaudalError("in-use", "port 8000 is taken by process 7"), "es").message, "En uso por otro: port 8000 is taken by process 7");
    assert.deepEqual(toldFailure(new CommandFailure("setting", "así no", { next: "así sí" }), "es"), { code: "setting", message: "así no", next: "así sí" });
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { CaudalError } from "@caudal/core";
import { errors, types } from "cassandra-driver";
import { failureOf } from "./failure.ts";

const codeOf = (error: unknown): unknown => {
  const failure = failureOf(error, "cassandra://h/ks");
  return failure instanceof CaudalError ? failure.code : failure;
};
const { responseErrorCodes: codes } = types;

test("what passes may be tried again", () => {
  const passing = [
    new errors.OperationTimedOutError("late"), new errors.BusyConnectionError("h", 1, 1), Object.assign(new Error("reset"), { syscall: "read" }),
    ...[codes.serverError, codes.unavailableException, codes.overloaded, codes.isBootstrapping, codes.writeTimeout, codes.readTimeout, codes.readFailure, codes.writeFailure]
      .map((code) => new errors.ResponseError(code, "no")),
    new errors.NoHostAvailableError({ "h:1": new Error("connect ECONNREFUSED") }), new Error("No connection available"),
  ];
  for (const error of passing) assert.equal(codeOf(error), "unavailable", error.message);
});

test("what a person must change is a setting, what we asked wrongly a bad request", () => {
  assert.equal(codeOf(new errors.AuthenticationError("bad")), "setting");
  assert.equal(codeOf(new errors.NoHostAvailableError({ h: new errors.AuthenticationError("bad") })), "setting");
  assert.equal(codeOf(new errors.ResponseError(codes.unauthorized, "no")), "setting");
  assert.equal(codeOf(new errors.ArgumentError("dc")), "setting");
  assert.equal(codeOf(new errors.ResponseError(codes.invalid, "no")), "bad-request");
  assert.equal(codeOf(new errors.ResponseError(codes.syntaxError, "no")), "bad-request");
});

test("other errors stay as they are", () => {
  const ours = new TypeError("a fault");
  const known = new CaudalError("closed", "gone");
  assert.equal(failureOf(ours, "h"), ours);
  assert.equal(failureOf(known, "h"), known);
  assert.equal(failureOf("text", "h"), "text");
});

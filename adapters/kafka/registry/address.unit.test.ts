import assert from "node:assert/strict";
import { test } from "node:test";
import { CaudalError, hasCode } from "@caudal/core";
import { readAddress } from "./address.ts";

test("user and password leave the address", () => {
  assert.deepEqual(readAddress("https://user:p%40ss@registry.example:8443/apis/ccompat/v7/?x=1"), { base: "https://registry.example:8443/apis/ccompat/v7", auth: { username: "user", password: "p@ss" } });
  assert.deepEqual(readAddress("http://127.0.0.1:8081"), { base: "http://127.0.0.1:8081" });
});

test("what is no URL of http is a setting, and is not repeated", () => {
  for (const url of ["", "registry.example:8081", "kafka://user:s3cret@a.test", "http://user:s3cret@"]) {
    assert.throws(() => readAddress(url), (error) => hasCode(error, "setting") && error instanceof CaudalError && !error.message.includes("s3cret"), url);
  }
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hasCode } from "@caudal/core";
import { parseArguments, writtenLanguage, type Arguments, type ArgumentSpec } from "./arguments.ts";
import { CommandFailure } from "./command-failure.ts";
import { languageOf, sayIn } from "./say.ts";

const usageError = (message: string): CommandFailure => new CommandFailure("bad-request", message, { next: "Usage" });
const parse = (argv: readonly string[], spec: ArgumentSpec = {}): Arguments => parseArguments(argv, spec, { say: sayIn("en"), usageError });

describe("arguments", () => {
  test("words, flags with a value in both forms, switches", () => {
    const { positionals, flags, all } = parse(["a", "--name", "x", "--json", "b=1", "--name=y z"], { values: ["--name"], words: 2 });
    assert.deepEqual(positionals, ["a", "b=1"]);
    assert.deepEqual(flags, { "--name": "y z", "--json": "on" });
    assert.deepEqual(all("--name"), ["x", "y z"]);
    assert.deepEqual(all("--other"), []);
  });

  test("what is written wrong is refused and named", () => {
    const cases: readonly [readonly string[], RegExp][] = [
      [["--nope"], /there is no option --nope/], [["-x"], /there is no option -x/], [["--data"], /--data needs a value/], [["--data", "--json"], /--data needs a value/],
      [["--json=1"], /--json takes no value/], [["word"], /nothing is expected where word stands/],
    ];
    for (const [argv, expected] of cases) assert.throws(() => parse(argv), (error) => hasCode(error, "bad-request") && expected.test(String(error)), argv.join(" "));
  });

  test("after -- all are words", () => {
    assert.deepEqual(parse(["--", "--nope"], { words: 1 }).positionals, ["--nope"]);
  });
});

test("the language: asked for, CAUDAL_LANG, the shell's locale, English", () => {
  assert.equal(languageOf(writtenLanguage(["send", "--lang", "es"]), { CAUDAL_LANG: "en" }), "es");
  assert.equal(languageOf(writtenLanguage(["--lang=en"]), { CAUDAL_LANG: "es" }), "en");
  assert.equal(languageOf(writtenLanguage(["send"]), { CAUDAL_LANG: "ES", LANG: "en_US.UTF-8" }), "es");
  assert.equal(languageOf(undefined, { CAUDAL_LANG: "", LC_ALL: "", LANG: "es_CL.UTF-8" }), "es");
  assert.equal(languageOf(undefined, { LC_ALL: "C", LANG: "es_CL.UTF-8" }), "en");
  assert.equal(languageOf(undefined, {}), "en");
});

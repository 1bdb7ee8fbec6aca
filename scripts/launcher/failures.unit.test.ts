import assert from "node:assert/strict";
import { test } from "node:test";
import { advice, npmErrorCode } from "./failures.js";
import { wordsFor, words } from "./words.js";

/** What npm prints, shortened to the lines that are read; `npm ERR!` until npm 9, `npm error` since. */
const printed = [
  { output: "npm error code ENOTFOUND\nnpm error network request to https://registry.example/x failed", says: /could not reach registry\.example \(ENOTFOUND\)/ },
  { output: "npm ERR! code ECONNREFUSED\nnpm ERR! FetchError: request to http://127.0.0.1:9/used failed", says: /could not reach 127\.0\.0\.1 \(ECONNREFUSED\).*proxy/s },
  { output: "npm error code ERR_SOCKET_TIMEOUT", says: /could not reach the registry/ },
  { output: "npm error code EACCES\nnpm error path /srv/clone/node_modules", says: /no permission to write \/srv\/clone\/node_modules \(EACCES\)/ },
  { output: "npm error code EROFS\nnpm error path /mnt/clone/node_modules", says: /\/mnt\/clone\/node_modules is on a read-only file system/ },
  { output: "npm error code ENOSPC", says: /the disk of \/clone is full/ },
  { output: "npm error code EUSAGE\nnpm error `npm ci` can only install packages when your package.json and package-lock.json are in sync.", says: /do not match/ },
  { output: "npm error code EINTEGRITY\nnpm error sha512-a integrity checksum failed for https://registry.example/used-1.0.0.tgz", says: /used-1\.0\.0\.tgz is not what was measured/ },
  { output: "npm error code E403", says: /refused or does not have a package \(E403\)/ },
  { output: "npm error code SELF_SIGNED_CERT_IN_CHAIN", says: /does not trust the certificate.*cafile/ },
  { output: "npm error code EBADENGINE", says: /npm ended with EBADENGINE/ },
];

for (const { output, says } of printed) {
  test(`advice on ${output.split("\n")[0]}`, () => {
    assert.match(advice({ code: npmErrorCode(output), output, folder: "/clone" }, words.en), says);
  });
}

test("without a code of npm's the exit status is told", () => {
  assert.equal(npmErrorCode("killed"), undefined);
  assert.match(advice({ code: "SIGKILL", folder: "/clone" }, words.en), /npm ended with SIGKILL/);
  assert.equal(advice({ code: "ENOENT-npm", folder: "/clone" }, words.en), words.en.noNpm());
});

test("the launcher speaks Spanish to a Spanish locale, English to any other, and CAUDAL_LANG decides", () => {
  assert.equal(wordsFor({ LANG: "es_CL.UTF-8" }), words.es);
  assert.equal(wordsFor({ LANG: "de_DE.UTF-8" }), words.en);
  assert.equal(wordsFor({ LANG: "es_CL.UTF-8", CAUDAL_LANG: "en" }), words.en);
  assert.equal(wordsFor({}), words.en);
});

test("each word stands in both languages and takes the same values", () => {
  assert.deepEqual(Object.keys(words.es).toSorted(), Object.keys(words.en).toSorted());
  for (const [key, word] of Object.entries(words.en)) {
    const other = words.es[key as keyof typeof words.es];
    assert.equal(typeof other, typeof word, key);
    if (typeof word === "function") assert.equal((other as () => string).length, word.length, key);
  }
});

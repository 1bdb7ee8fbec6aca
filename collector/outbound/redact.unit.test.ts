import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createRedactor, redactorOf } from "./redact.ts";
import { shownUrl } from "./outgoing.ts";

const SECRET = 'pässwörd/with "quotes" & 100% \\+=?';
const TOKEN = "Zk3-thing_Token.0042x9";

const everyByte = (text: string, upper: boolean): string => [...Buffer.from(text)].map((byte) => `%${upper ? byte.toString(16).toUpperCase().padStart(2, "0") : byte.toString(16).padStart(2, "0")}`).join("");
const asEntities = (text: string): string => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("/", "&#x2F;").replaceAll("=", "&#61;");
const unicodeEscaped = (text: string, upper: boolean): string => [...text].map((letter) => {
  const hex = letter.charCodeAt(0).toString(16).padStart(4, "0");
  return `\\u${upper ? hex.toUpperCase() : hex}`;
}).join("");

const writings: Readonly<Record<string, (secret: string) => string>> = {
  plain: (secret) => secret,
  "lower case": (secret) => secret.toLowerCase(),
  "percent-encoded": encodeURIComponent,
  "percent-encoded, hex in lower case": (secret) => encodeURIComponent(secret).replace(/%../g, (hex) => hex.toLowerCase()),
  "every byte percent-encoded": (secret) => everyByte(secret, true),
  "every byte percent-encoded, hex in lower case": (secret) => everyByte(secret, false),
  "percent-encoded twice": (secret) => encodeURIComponent(encodeURIComponent(secret)),
  "as in a form": (secret) => new URLSearchParams({ x: secret }).toString().slice(2),
  "escaped in JSON": (secret) => JSON.stringify(secret),
  "escaped in JSON twice": (secret) => JSON.stringify(JSON.stringify(secret)),
  "escaped in JSON with slashes": (secret) => JSON.stringify(secret).replaceAll("/", "\\/"),
  "as \\u escapes": (secret) => unicodeEscaped(secret, false),
  "as \\U escapes in upper case": (secret) => unicodeEscaped(secret, true),
  "escaped in HTML": asEntities,
  "in base64": (secret) => Buffer.from(secret).toString("base64"),
  "in base64url": (secret) => Buffer.from(secret).toString("base64url"),
  "in Basic authentication": (secret) => `Basic ${Buffer.from(`user:${secret}`).toString("base64")}`,
  "in base64, one byte further": (secret) => Buffer.from(`u:${secret}`).toString("base64"),
  "in base64, two bytes further": (secret) => Buffer.from(`x${secret} and more`).toString("base64"),
  "in base64, percent-encoded": (secret) => encodeURIComponent(Buffer.from(`ab:${secret}`).toString("base64")),
  "percent-encoded, in base64": (secret) => Buffer.from(`u:${encodeURIComponent(secret)}`).toString("base64"),
  "in JSON, in base64": (secret) => Buffer.from(JSON.stringify({ password: secret })).toString("base64"),
};

/** What an attacker would get out of a text: everything it decodes to, by ways of its own. */
function readings(text: string): string[] {
  const seen = new Set([text]);
  for (let round = 0; round < 3; round++) {
    for (const each of [...seen]) {
      for (const decode of [decodeURIComponent, (value: string) => decodeURIComponent(value.replaceAll("+", " ")), (value: string) => JSON.parse(`"${value.replace(/^"|"$/g, "")}"`) as string]) {
        try {
          seen.add(decode(each));
        } catch {
          // Not written in this way.
        }
      }
      for (const [run] of each.matchAll(/[\w+/-]{6,}={0,2}/g)) for (let at = 0; at < 4; at++) seen.add(Buffer.from(run.slice(at), "base64").toString());
    }
  }
  return [...seen].map((each) => each.toLowerCase());
}

for (const [name, write] of Object.entries(writings)) {
  test(`trap 23: a secret is taken out: ${name}`, () => {
    for (const secret of [SECRET, TOKEN, "abcd", "\\n   /", "%41=b&amp;\\\\c"]) {
      const { text } = createRedactor(["other-secret", secret]);
      const shown = text(`GET failed: ${write(secret)} at 12:00`);
      assert.ok(shown.includes("[redacted]"), shown);
      assert.ok(!readings(shown).some((reading) => reading.includes(secret.toLowerCase())), shown);
      assert.match(shown, /^GET failed: .*at 12:00$/);
    }
  });
}

test("trap 23: any secret, in any writing, in any text, leaves no trace of itself", () => {
  fc.assert(fc.property(fc.string({ minLength: 4, maxLength: 40, unit: "grapheme-ascii" }), fc.constantFrom(...Object.values(writings)), fc.string({ maxLength: 30 }), fc.string({ maxLength: 30 }), (secret, write, before, after) => {
    fc.pre(!"[redacted]".includes(secret.toLowerCase()) && secret.trim().length >= 4);
    const written = write(secret);
    // Beside other letters a base64 text cannot be told from them; each stands by itself here.
    const shown = createRedactor([secret]).text(`${before} | ${written} | ${after}`);
    assert.ok(!shown.includes(written) || written === "", shown);
  }), { numRuns: 500 });
});

test("trap 23: a secret that was cut short is known by its beginning, and a short secret takes the whole text with it", () => {
  const { text } = createRedactor([TOKEN]);
  assert.equal(text(`masked: ${TOKEN.slice(0, 14)}…`), "masked: [redacted]…");
  assert.equal(text(`GET /things/${TOKEN}/${TOKEN}`), "GET /things/[redacted]/[redacted]");
  const short = createRedactor(["ana", TOKEN]);
  assert.equal(short.text("user Ana is locked"), "[redacted]");
  assert.equal(short.text("nothing of it"), "nothing of it");
  assert.equal(createRedactor(["", TOKEN]).text("plain"), "plain");
  assert.equal(createRedactor([]).text("plain"), "plain");
});

test("trap 23: a quote of a body is short, on one line, and cut after the secrets are out", () => {
  const { quote } = createRedactor([TOKEN]);
  assert.equal(quote(Buffer.from(`<h1>Cannot GET\n\t/v2/things/${TOKEN}/resources</h1>`)), "<h1>Cannot GET /v2/things/[redacted]/resources</h1>");
  for (let before = 0; before < 1000; before += 7) {
    const shown = quote(Buffer.from(`${"x".repeat(before)} ${TOKEN} ${"y".repeat(1000)}`));
    assert.ok(!shown.includes(TOKEN.slice(0, 6)) && shown.length <= 201, shown);
  }
  assert.equal(quote(new Uint8Array([0, 1, 2, 0xff, 0xfe])), "");
});

test("trap 23: bytes without a secret are the same bytes; a token that a login gave is known, the newest of them", () => {
  const redactor = createRedactor([TOKEN]);
  const body = Buffer.from([0xff, 0x00, 0x41]);
  assert.equal(redactor.bytes(body), body);
  assert.equal(createRedactor([]).bytes(body), body);
  assert.equal(Buffer.from(redactor.bytes(Buffer.from(`a ${TOKEN}`))).toString(), "a [redacted]");
  for (let login = 0; login < 40; login++) redactor.learn(`session-token-${String(login).padStart(3, "0")}-rest`);
  assert.equal(redactor.text("session-token-039-rest"), "[redacted]");
  redactor.learn(TOKEN);
  redactor.learn("");
  assert.equal(redactor.text(TOKEN), "[redacted]");
});

test("trap 23: all secrets of an account and of its devices are known, and a URL is shown without query values", () => {
  const device = { device: "pozo", remote: "r", secrets: { token: TOKEN }, keys: [], cadence: { kind: "every", ms: 1 }, names: {}, units: {}, sentinels: [], live: false } as const;
  const redactor = redactorOf({ secrets: { password: "hunter2hunter2" }, devices: [device] });
  assert.equal(redactor.text(`hunter2hunter2 ${TOKEN}`), "[redacted] [redacted]");
  assert.equal(shownUrl(new URL(`https://api.test:8443/v2/things/${TOKEN}/resources/caudal?limit=1&api_key=hunter2hunter2`), redactor), "api.test:8443/v2/things/[redacted]/resources/caudal?limit=…&api_key=…");
  assert.equal(shownUrl(new URL(`https://api.test/a/${everyByte(TOKEN, false)}`), redactor), "api.test/a/[redacted]");
});

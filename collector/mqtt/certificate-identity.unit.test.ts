import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCode } from "@caudal/core";
import { namesOf, parseCertificateRules, principalOfCertificate, type CertificateNames } from "./certificate-identity.ts";

const none: CertificateNames = { cn: undefined, dns: [], uris: [], emails: [] };

test("a certificate's name says client and device, by the first rule that fits", () => {
  const rules = parseCertificateRules([
    { name: "loggers", from: "cn", pattern: "{client}/{device}" },
    { name: "hosts", from: "san-dns", pattern: "{device}.{client}.devices.example" },
    { name: "urns", from: "san-uri", pattern: "urn:caudal:{client}:{device}" },
    { name: "a gateway", from: "san-email", pattern: "gateway@acme.example", client: "acme", devices: ["W-*", "gw-1"] },
    { name: "of one client", from: "cn", pattern: "meter {device}", client: "beta" },
  ], "mqtt.yaml");
  const of = (names: Partial<CertificateNames>): unknown => {
    const principal = principalOfCertificate(rules, { ...none, ...names });
    return principal === undefined ? undefined : [principal.role, principal.scope, principal.devices];
  };
  assert.deepEqual(of({ cn: "acme/W-07" }), ["device", { clients: ["acme"] }, ["W-07"]]);
  assert.deepEqual(of({ dns: ["other.example", "w-07.acme.devices.example"] }), ["device", { clients: ["acme"] }, ["w-07"]]);
  assert.deepEqual(of({ uris: ["urn:caudal:acme:W-07"] }), ["device", { clients: ["acme"] }, ["W-07"]]);
  assert.deepEqual(of({ emails: ["gateway@acme.example"] }), ["device", { clients: ["acme"] }, ["W-*", "gw-1"]]);
  assert.deepEqual(of({ cn: "meter M-1" }), ["device", { clients: ["beta"] }, ["M-1"]]);
  for (const names of [{ cn: "acme/W-07/x" }, { cn: "ACME Corp/W-07" }, { cn: "acme/*" }, { cn: "acme/W-*" }, { cn: "acme/" }, { dns: ["a.w-07.acme.devices.example"] }, { emails: ["gateway@acme.example.org"] }, {}]) {
    assert.equal(of(names), undefined, JSON.stringify(names));
  }
});

test("the names of a certificate: one with commas is one name, several common names are none", () => {
  assert.deepEqual(namesOf({ subject: { CN: "acme/W-07" } as never, subjectaltname: 'DNS:a.example, URI:"urn:x, DNS:evil.example", email:a@b.example, IP Address:10.0.0.1' }),
    { cn: "acme/W-07", dns: ["a.example"], uris: ["urn:x, DNS:evil.example"], emails: ["a@b.example"] });
  assert.equal(namesOf({ subject: { CN: ["a", "b"] } as never, subjectaltname: undefined }).cn, undefined);
});

test("rows that are wrong say which and why", () => {
  for (const [rows, why] of [
    [[{ name: "x", from: "cn", pattern: "{device}" }], /whose it is/],
    [[{ name: "x", from: "cn", pattern: "{client}" }], /which devices/],
    [[{ name: "x", from: "cn", pattern: "{client}{device}" }], /between two captures/],
    [[{ name: "x", from: "cn", pattern: "{client}/{thing}" }], /a capture is/],
    [[{ name: "x", from: "cn", pattern: "{client}/{client}" }], /captured twice/],
    [[{ name: "x", from: "subject", pattern: "{client}/{device}" }], /certificates\.0\.from/],
    ["no list", /certificates/],
  ] as const) assert.throws(() => parseCertificateRules(rows, "mqtt.yaml"), (error) => hasCode(error, "setting") && why.test(String(error)), JSON.stringify(rows));
  assert.deepEqual(parseCertificateRules(undefined, "mqtt.yaml"), []);
});

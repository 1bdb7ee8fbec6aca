import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";
import type { Principal } from "@caudal/core";
import { Problem } from "../http/problem.ts";
import { createAuthenticate, isLoopback, localPrincipal, principalOf } from "./authenticate.ts";
import { endedSessionCookie, sessionCookie, sessionOf } from "./session-cookie.ts";
import { createToken, hashToken, isTokenText, sameHash } from "./token.ts";

const viewer: Principal = { name: "v", role: "viewer", scope: { clients: ["a"] } };
const issued = createToken();
const lookup = async (hash: string) => (hash === issued.hash ? { hash, principal: viewer } : undefined);

function request(headers: Record<string, string>, remoteAddress: string | undefined = "127.0.0.1"): IncomingMessage {
  return { headers, socket: { remoteAddress } } as unknown as IncomingMessage;
}

const refused = (error: unknown): boolean => error instanceof Problem && error.code === "invalid-token" && error.status === 401;

test("tokens hold 256 random bits, and only their hash is stored", () => {
  assert.match(issued.token, /^cdl_[\w-]{43}$/);
  assert.match(issued.hash, /^[0-9a-f]{64}$/);
  assert.equal(hashToken(issued.token), issued.hash);
  assert.notEqual(createToken().token, issued.token);
  assert.ok(isTokenText(issued.token));
  assert.ok(!isTokenText(`${issued.token}x`) && !isTokenText("cdl_"));
  assert.ok(sameHash("ab", "ab") && !sameHash("ab", "ac") && !sameHash("ab", "abc"));
});

test("a bearer token or a session names its principal", async () => {
  const authenticate = createAuthenticate({ lookup, tokensRequired: true });
  assert.equal(await authenticate(request({ authorization: `Bearer ${issued.token}` })), viewer);
  assert.equal(await authenticate(request({ authorization: `bearer  ${issued.token} ` })), viewer);
  assert.equal(await authenticate(request({ cookie: `other=1; caudal_session=${issued.token}` })), viewer);
  assert.equal(await authenticate(request({})), undefined);
  assert.equal(await authenticate(request({ cookie: "caudal_session=stale" })), undefined);
});

test("a wrong header never passes as nobody, not even on loopback", async () => {
  const authenticate = createAuthenticate({ lookup, tokensRequired: false });
  for (const authorization of ["Bearer wrong", `Bearer ${createToken().token}`, "Basic dTpw", "Bearer", ""]) {
    await assert.rejects(authenticate(request({ authorization })), refused, authorization);
  }
});

test("where no token is required, loopback alone is local", async () => {
  const authenticate = createAuthenticate({ lookup, tokensRequired: false });
  for (const address of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]) assert.equal(await authenticate(request({}, address)), localPrincipal);
  for (const address of ["192.0.2.7", "::ffff:192.0.2.7", "127.0.0.1.example.test", ""]) assert.equal(await authenticate(request({}, address)), undefined);
  assert.equal(await authenticate(request({ cookie: "caudal_session=stale" })), localPrincipal);
  assert.equal(await authenticate(request({ cookie: `caudal_session=${issued.token}` })), viewer);
  assert.equal(isLoopback(undefined), false);
});

test("a lookup that answers with another hash is not believed", async () => {
  const liar = async () => ({ hash: createToken().hash, principal: viewer });
  assert.equal(await principalOf(issued.token, liar), undefined);
  assert.equal(await principalOf("short", () => assert.fail("asked")), undefined);
});

test("the session's cookie is out of reach of scripts and other sites", () => {
  assert.equal(sessionCookie("t", { secure: true, maxAgeS: 60.5 }), "caudal_session=t; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=60");
  assert.equal(sessionCookie("t", { secure: false }), "caudal_session=t; Path=/; HttpOnly; SameSite=Strict");
  assert.match(endedSessionCookie({ secure: false }), /^caudal_session=;.*Max-Age=0$/);
  assert.equal(sessionOf(request({ cookie: "caudal_session=; a=b" })), undefined);
  assert.equal(sessionOf(request({})), undefined);
});

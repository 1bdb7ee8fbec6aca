import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { guardedLookup, isRefusedAddress, type Lookup } from "./address-guard.ts";

test("addresses of private networks, of this machine and of metadata services are refused in every form", () => {
  for (const address of [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.168.1.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    "::", "::1", "[::1]", "::127.0.0.1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:c0a8:101::1", "2001:0:1::1",
    "name.test", "",
  ]) assert.equal(isRefusedAddress(address), true, address);
});

test("public addresses are not", () => {
  for (const address of ["8.8.8.8", "100.128.0.1", "172.32.0.1", "169.253.0.1", "192.167.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"]) assert.equal(isRefusedAddress(address), false, address);
});

test("this machine's own addresses are refused whatever they are", () => {
  for (const { address } of Object.values(networkInterfaces()).flatMap((found) => found ?? [])) assert.equal(isRefusedAddress(address), true, address);
});

test("a guarded look-up gives what it looked at, in the form that was asked for", async () => {
  const ask = (found: { address: string; family: number }[], all: boolean, failing?: Error) =>
    new Promise((resolve) => {
      const resolveName: Lookup = (_name, options, resolved) => {
        assert.equal(options.all, true);
        resolved(failing ?? null, found);
      };
      guardedLookup(resolveName)("host.test", { all }, (error, address, family) => resolve(error === null ? [address, family] : error.message));
    });
  const there = [{ address: "8.8.8.8", family: 4 }, { address: "2606:4700::1111", family: 6 }];
  assert.deepEqual(await ask(there, true), [there, undefined]);
  assert.deepEqual(await ask(there, false), ["8.8.8.8", 4]);
  assert.equal(await ask([], true), "host.test has no address");
  assert.match(String(await ask([...there, { address: "10.0.0.1", family: 4 }], true)), /private network/);
  assert.equal(await ask([], true, new Error("ENOTFOUND")), "ENOTFOUND");
});

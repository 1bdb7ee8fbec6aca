import type { LookupAddress, LookupOptions } from "node:dns";
import { lookup } from "node:dns";
import { BlockList, isIP } from "node:net";
import { networkInterfaces } from "node:os";

/** Networks that a provider on the internet cannot live in: private, shared, loopback, link-local, documentation, multicast, reserved. */
const refusedV4: readonly (readonly [network: string, bits: number])[] = [
  ["0.0.0.0", 8], ["10.0.0.0", 8], ["100.64.0.0", 10], ["127.0.0.0", 8], ["169.254.0.0", 16], ["172.16.0.0", 12], ["192.0.0.0", 24], ["192.0.2.0", 24],
  ["192.88.99.0", 24], ["192.168.0.0", 16], ["198.18.0.0", 15], ["198.51.100.0", 24], ["203.0.113.0", 24], ["224.0.0.0", 4], ["240.0.0.0", 4],
  // A cloud's metadata service that has a public address; the others lie in the networks above.
  ["168.63.129.16", 32],
];
const refusedV6: readonly (readonly [network: string, bits: number])[] = [
  ["::", 96], ["64:ff9b:1::", 48], ["100::", 64], ["2001::", 32], ["2001:db8::", 32], ["fc00::", 7], ["fe80::", 10], ["fec0::", 10], ["ff00::", 8],
];

/** Told by its name from what the network says. */
export class RefusedAddress extends Error {
  readonly code = "REFUSED_ADDRESS";
}

function blockList(): BlockList {
  const list = new BlockList();
  for (const [network, bits] of refusedV4) {
    // `check` holds IPv4-mapped IPv6 addresses against these too.
    list.addSubnet(network, bits, "ipv4");
    list.addSubnet(`64:ff9b::${network}`, 96 + bits, "ipv6");
    const [a = 0, b = 0, c = 0, d = 0] = network.split(".").map(Number);
    list.addSubnet(`2002:${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}::`, 16 + bits, "ipv6");
  }
  for (const [network, bits] of refusedV6) list.addSubnet(network, bits, "ipv6");
  return list;
}

let made: BlockList | undefined;

/** True for an address (no name) of a private network or of this machine, in whatever form; and for what is no address at all. */
export function isRefusedAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  const version = isIP(bare);
  if (version === 0) return true;
  made ??= blockList();
  return made.check(bare, version === 4 ? "ipv4" : "ipv6") || ownAddresses().check(bare, version === 4 ? "ipv4" : "ipv6");
}

/** This machine's addresses may be public ones. Read anew each time, since they come and go; only a new connection asks. */
function ownAddresses(): BlockList {
  const own = new BlockList();
  for (const { address, family } of Object.values(networkInterfaces()).flatMap((found) => found ?? [])) own.addAddress(address.replace(/%.*$/, ""), family === "IPv6" ? "ipv6" : "ipv4");
  return own;
}

type Resolved = (error: Error | null, address: string | LookupAddress[], family?: number) => void;
/** As `dns.lookup` with a callback, which is also what a socket takes. */
export type Lookup = (hostname: string, options: LookupOptions, resolved: Resolved) => void;

/**
 * Resolves a name as the machine does, and refuses it when any of its addresses is refused. The socket connects to the very addresses that were
 * looked at, so a name that resolves otherwise a moment later gains nothing.
 */
export function guardedLookup(resolve: Lookup = lookup as Lookup): Lookup {
  return (hostname, options, resolved) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return resolved(error, []);
      const addresses = found as LookupAddress[];
      if (addresses.length === 0) return resolved(new RefusedAddress(`${hostname} has no address`), []);
      if (addresses.some(({ address }) => isRefusedAddress(address))) return resolved(new RefusedAddress(`${hostname} is an address of a private network or of this machine`), []);
      if (options.all === true) return resolved(null, addresses);
      resolved(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
}

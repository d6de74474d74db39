import { lookup as askResolver, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { BlockList, type LookupFunction } from 'node:net';
import { Agent } from 'undici';

/** Asks for all addresses of a name, as `dns.lookup` does. */
export type Resolver = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Where nothing is that a stranger's picture could come from: this machine, its networks, and what clouds tell their
 * machines about themselves (IANA's special-purpose registries). 198.18.0.0/15 is left out, since proxies that give every
 * name an address of their own take them from there.
 */
const NOT_PUBLIC = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  // Several receivers, reserved, and everybody.
  ['224.0.0.0', 3],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv6');
}

/** Whether an address belongs to the internet, and not to this machine or the networks around it. */
export function isPublic({ address, family }: LookupAddress): boolean {
  // One of IPv4 that is written as one of IPv6 is found in the list too.
  return !NOT_PUBLIC.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * Connects to public addresses alone. Each connection asks for the addresses of its host and goes to one of those that
 * were looked at: a name that first points elsewhere and then here gains nothing. A host that is an address already is
 * not asked for.
 *
 * @param exempt names that may be anywhere
 */
export function publicAgent(exempt: readonly string[] = [], resolve: Resolver = askResolver): Agent {
  return new Agent({ connect: { lookup: publicLookup(exempt, resolve) } });
}

/** `dns.lookup` that knows public addresses only. */
export function publicLookup(exempt: readonly string[], resolve: Resolver): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const allowed = exempt.includes(hostname) ? addresses : addresses.filter(isPublic);
      const first = allowed.at(0);
      if (first === undefined) {
        const message = `${hostname} has no public address.`;
        callback(Object.assign(new Error(message), { code: 'ENOTFOUND' }), []);
      } else if (options.all === true) {
        callback(null, allowed);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}

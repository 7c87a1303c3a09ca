import { BlockList, isIP } from 'node:net';

/** Which machines the sandbox may call. Private networks are never among them. */
export interface Reach {
  readonly loopback: boolean;
  readonly publicInternet: boolean;
}

/** Not of the public internet (IANA special-purpose address registries). */
const SPECIAL: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/127',
  // Addresses that carry another one inside, which a relay would call.
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/9',
  'ff00::/8',
];
const LOOPBACK: readonly string[] = ['127.0.0.0/8', '::1/128'];

const special = blockList(SPECIAL);
const loopback = blockList(LOOPBACK);

/** @param address an IP address, as a resolver gives it */
export function isReachable(address: string, reach: Reach): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (loopback.check(address, family)) return reach.loopback;
  return reach.publicInternet && isIP(address) !== 0 && !special.check(address, family);
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', prefix = ''] = range.split('/');
    list.addSubnet(network, Number(prefix), isIP(network) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

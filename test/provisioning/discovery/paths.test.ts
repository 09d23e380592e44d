/** Who can be asked from where the host is. */
import test from 'ava';
import type { Network } from '#address/network.ts';
import { keyOf, marksOf, pathsOf } from '#provisioning/discovery/paths.ts';

const NETWORK: Network = {
  addresses: [
    { address: '127.0.0.1', interface: 'lo', prefixLength: 8 },
    { address: '10.9.0.20', interface: 'eth0', prefixLength: 24 },
    { address: '10.9.0.21', interface: 'eth0', prefixLength: 24 },
    { address: '198.51.100.7', interface: 'eth1', prefixLength: 24 },
    { address: '169.254.3.4', interface: 'eth2', prefixLength: 16 },
    { address: '2001:db8::7', interface: 'eth0', prefixLength: 64 },
    { address: 'fe80::7', interface: 'eth0', prefixLength: 64 },
    { address: 'fe80::8', interface: 'eth1', prefixLength: 64, tentative: true },
    { address: 'fe80::9', interface: '6bed4', prefixLength: 64, encapsulated: '6bed4' },
  ],
  defaultRoute: { 4: true, 6: true },
  routers: [{ family: 4, interface: 'eth0', gateway: '10.9.0.1' }],
};

test('each interface with an address of ours is a way to ask, once', (t) => {
  t.deepEqual(pathsOf(NETWORK).map(keyOf), [
    'leases',
    'pnp',
    'dns-sd',
    'redirect',
    'dhcp4 eth0 10.9.0.20',
    'dhcp4 eth1 198.51.100.7',
    'dhcp6 eth0 fe80::7',
    'router eth0 fe80::7',
  ]);
  t.deepEqual(
    pathsOf({ addresses: NETWORK.addresses.slice(0, 1), defaultRoute: { 4: false, 6: false } }),
    [],
  );
});

test('a network is known by its routers and our addresses, not by what every link has', (t) => {
  t.deepEqual(
    [...marksOf(NETWORK)],
    [
      '4 eth0 10.9.0.1',
      'eth0 10.9.0.20',
      'eth0 10.9.0.21',
      'eth1 198.51.100.7',
      'eth2 169.254.3.4',
      'eth0 2001:db8::7',
    ],
  );
});

import type { NetworkInterfaceInfo } from 'node:os';
import test from 'ava';
import { ownAddresses } from '#net/addresses.ts';

function info(address: string, internal = false): NetworkInterfaceInfo {
  const rest = { address, internal, netmask: '', mac: '', cidr: null };
  return address.includes(':') ? { ...rest, family: 'IPv6', scopeid: 0 } : { ...rest, family: 'IPv4' };
}

const LOOPBACK = { lo: [info('127.0.0.1', true), info('::1', true)] };

test('own addresses are those by which others reach us', (t) => {
  const eth0 = [info('192.0.2.7'), info('fe80::1'), info('2001:db8::7'), info('169.254.3.4')];
  t.deepEqual(ownAddresses({ ...LOOPBACK, eth0 }), {
    ipv4: ['192.0.2.7'],
    ipv6: ['2001:db8::7'],
    teredoSeen: false,
  });
});

test('loopback counts where there is nothing else', (t) => {
  t.deepEqual(ownAddresses({ ...LOOPBACK, eth0: [info('fe80::1')] }), {
    ipv4: ['127.0.0.1'],
    ipv6: ['::1'],
    teredoSeen: false,
  });
});

test('a Teredo address is seen and never used', (t) => {
  const teredo = [info('2001:0:53aa:64c:0:1:2:3')];
  t.deepEqual(ownAddresses({ eth0: [info('192.0.2.7')], teredo }), {
    ipv4: ['192.0.2.7'],
    ipv6: [],
    teredoSeen: true,
  });
});

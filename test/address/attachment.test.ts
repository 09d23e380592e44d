import test from 'ava';
import { attachmentOf } from '#address/attachment.ts';
import type { Network, OwnAddress, Router } from '#address/network.ts';

const own = (cidr: string, more: Partial<OwnAddress> = {}): OwnAddress => {
  const [address = '', length] = cidr.split('/');
  return { address, prefixLength: Number(length), interface: 'eth0', ...more };
};
const HOME = [own('192.168.1.7/24'), own('2d00:1::7/64')];
const ROUTERS: readonly Router[] = [
  { family: 4, interface: 'eth0', gateway: '192.168.1.1' },
  { family: 6, interface: 'eth0', gateway: 'fe80::1' },
];

const nameOf = (addresses: readonly OwnAddress[], routers = ROUTERS): string =>
  attachmentOf({ addresses, routers, defaultRoute: { 4: true, 6: true } } satisfies Network);

test('a network has the same name whenever we come back', (t) => {
  const home = nameOf(HOME);
  t.regex(home, /^[\da-f]{16}$/);
  t.is(nameOf(HOME.toReversed(), ROUTERS.toReversed()), home, 'in whatever order it is listed');
  t.is(nameOf([own('192.168.1.9/24'), own('2d00:1::abcd/64')]), home, 'with other addresses of ours');
  const temporary = own('2d00:1::5/64', { temporary: true });
  t.is(nameOf([...HOME, temporary, own('fe80::5/64')]), home, 'with further addresses');
  const old = own('2d00:2::5/64', { deprecated: true });
  const checked = own('2d00:3::5/64', { tentative: true });
  t.is(nameOf([...HOME, old, checked]), home, 'while addresses come and go');
});

test('Wi-Fi and cable of one house are one network', (t) => {
  const wlan0 = { interface: 'wlan0' };
  const routers = ROUTERS.map((router) => ({ ...router, ...wlan0 }));
  const addresses = HOME.map((address) => ({ ...address, ...wlan0 }));
  t.is(nameOf(addresses, routers), nameOf(HOME));
  t.is(nameOf([...HOME, own('172.17.0.1/16', { interface: 'docker0' })]), nameOf(HOME));
});

test('another router, another prefix, or a family less make another network', (t) => {
  const names = [
    nameOf(HOME),
    nameOf([own('192.168.1.7/24'), own('2d00:9::7/64')]),
    nameOf(HOME, ROUTERS.slice(0, 1)),
    nameOf(HOME, [...ROUTERS.slice(0, 1), { family: 6, interface: 'eth0', gateway: 'fe80::2' }]),
    nameOf(HOME, []),
    nameOf([], []),
  ];
  t.is(new Set(names).size, names.length);
  t.is(names.at(-1), 'none');
});

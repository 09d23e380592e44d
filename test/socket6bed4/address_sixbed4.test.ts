import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { parseIpv4 } from '#socket6bed4/address/ipv4.ts';
import { ipv6Text, parseIpv6 } from '#socket6bed4/address/ipv6.ts';
import {
  addressOf,
  DEFAULT_NETID,
  endOf,
  isAt,
  isOfRouterPrefix,
  lanipOf,
  ROUTER_PORT,
  routerOf,
  routerPrefix,
  sameNetwork,
} from '#socket6bed4/address/sixbed4.ts';
import { withVectors } from '../media/field_vectors.ts';

const end = fc.record({
  ipv4: fc.integer({ min: 0, max: 0xffffffff }),
  port: fc.integer({ min: 0, max: 65535 }),
});
const prefix = fc.uint8Array({ minLength: 8, maxLength: 8 });
const lanip = fc.integer({ min: 0, max: 0x3fff });

const octetsOf = (text: string): Uint8Array => parseIpv6(text) ?? new Uint8Array();
const EXAMPLE = octetsOf('fc64:bed:9188:1:c433:6401:f4e2:8001');

test('198.51.100.1:62690 under the prefix of 145.136.0.1 has the address that its router gave it', (t) => {
  const own = { ipv4: 0xc6336401, port: 62690 };
  t.deepEqual(addressOf(EXAMPLE, own), EXAMPLE);
  t.deepEqual(endOf(EXAMPLE), own);
  t.deepEqual(routerOf(EXAMPLE), { ipv4: 0x91880001, port: ROUTER_PORT });
  t.deepEqual(routerPrefix(DEFAULT_NETID, 0x91880001), EXAMPLE.slice(0, 8));
});

test('the router itself has lanip 0', (t) => {
  const router = { ipv4: 0x91880001, port: ROUTER_PORT };
  t.is(ipv6Text(addressOf(EXAMPLE, router, 0)), 'fc64:bed:9188:1:9088:1:64be:4000');
});

test('prefix, end and lanip are read out of the address that was made of them', (t) => {
  fc.assert(
    fc.property(prefix, end, lanip, (network, one, own) => {
      const address = addressOf(network, one, own);
      t.is(address.length, 16);
      t.true(sameNetwork(address, network));
      t.deepEqual(endOf(address), one);
      t.is(lanipOf(address), own);
      t.true(isAt(address, one));
      t.is((address[8] ?? 0) & 3, 0);
    }),
    { numRuns: 1000 },
  );
});

test('a bottom half that is not of this format names no end', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (address) => {
      const named = endOf(address);
      t.is(named === undefined, ((address[8] ?? 0) & 3) !== 0);
      if (named !== undefined) t.deepEqual(addressOf(address, named, lanipOf(address)), address);
    }),
    { numRuns: 1000 },
  );
});

test('an address is at its own end and at no other', (t) => {
  fc.assert(
    fc.property(prefix, end, lanip, fc.integer({ min: 0, max: 47 }), (network, one, own, bit) => {
      const address = addressOf(network, one, own);
      const other =
        bit < 32
          ? { ...one, ipv4: (one.ipv4 ^ (1 << bit)) >>> 0 }
          : { ...one, port: one.port ^ (1 << (bit - 32)) };
      t.false(isAt(address, other));
      for (const mark of [1, 2]) {
        const opaque = Uint8Array.from(address);
        opaque[8] = (opaque[8] ?? 0) | mark;
        t.false(isAt(opaque, one));
        t.is(endOf(opaque), undefined);
      }
    }),
  );
});

test('a network is the first 64 bits and nothing else', (t) => {
  fc.assert(
    fc.property(end, fc.integer({ min: 0, max: 127 }), (one, bit) => {
      const address = addressOf(EXAMPLE, one);
      const other = Uint8Array.from(address);
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      t.is(sameNetwork(address, other), bit >= 64);
    }),
  );
});

test('only under fc64::/16 does the prefix name its router', (t) => {
  for (const text of ['fc65::', 'fd64::', '2001:64::', '::']) {
    t.false(isOfRouterPrefix(octetsOf(text)), text);
    t.is(routerOf(octetsOf(text)), undefined, text);
  }
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 65535 }), end, (netid, { ipv4 }) => {
      const network = routerPrefix(netid, ipv4);
      t.true(isOfRouterPrefix(network));
      t.deepEqual(routerOf(network), { ipv4, port: ROUTER_PORT });
    }),
  );
});

interface Given {
  readonly vectors: readonly {
    ipv4: string;
    udp: number;
    prefix114: string;
    lanip1: string;
    raDst: string;
  }[];
}

function read(folder: string, name: string): Given['vectors'] {
  const { vectors } = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as Given;
  return vectors;
}

withVectors('field/6bed4', 'every address that a router gave is computed, and read again', (t, folder) => {
  const vectors = read(folder, 'address_new.json');
  t.true(vectors.length >= 49);
  for (const { ipv4, udp, prefix114, lanip1 } of vectors) {
    const own = { ipv4: parseIpv4(ipv4) ?? -1, port: udp };
    const given = octetsOf(lanip1);
    t.is(ipv6Text(addressOf(given, own)), lanip1);
    t.is(ipv6Text(addressOf(given, own, 0)), prefix114);
    t.deepEqual(endOf(given), own);
    t.deepEqual(endOf(octetsOf(prefix114)), own);
    t.is(lanipOf(given), 1);
  }
});

withVectors(
  'field/6bed4',
  'an address of the old format never names the end it was made for',
  (t, folder) => {
    const vectors = read(folder, 'address_old.json');
    t.true(vectors.length >= 49);
    let refused = 0;
    for (const { ipv4, udp, raDst } of vectors) {
      const named = endOf(octetsOf(raDst));
      t.notDeepEqual(named, { ipv4: parseIpv4(ipv4) ?? -1, port: udp });
      if (named === undefined) refused += 1;
    }
    // The rest cannot be told from the new format by the address alone; its advertisement tells.
    t.true(refused > vectors.length / 2, `${refused} of ${vectors.length}`);
  },
);

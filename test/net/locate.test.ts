import test from 'ava';
import { textOf } from '#address/endpoint.ts';
import { type LocateOptions, locate } from '#net/locate.ts';
import type { Service } from '#net/names.ts';
import type { Hop } from '#sip/types.ts';

interface World {
  readonly srv?: Readonly<Record<string, readonly Partial<Service>[]>>;
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
  readonly ipv6?: boolean;
  readonly unreachable?: readonly string[];
}

/** Locates with a DNS and routes out of a table; gives `udp 192.0.2.1:5060` … or the error. */
async function located(hop: Partial<Hop>, world: World = {}): Promise<readonly string[] | string> {
  const asked: string[] = [];
  const options: LocateOptions = {
    names: {
      srv: async (name) => {
        asked.push(name);
        const found = world.srv?.[name];
        if (!found) throw new Error('ENOTFOUND');
        return found.map((each) => ({ name: '', port: 5060, priority: 1, weight: 1, ...each }));
      },
      addresses: async (host) => {
        const found = world.hosts?.[host];
        if (!found) throw new Error('ENOTFOUND');
        return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      },
      cancel() {},
    },
    flowTo: async (transport, remote) => {
      if (world.unreachable?.includes(remote.address)) throw new Error(`no route to ${remote.address}`);
      return { transport, local: { ...remote, port: 5060 }, remote };
    },
    hasIpv6: () => world.ipv6 ?? true,
  };
  const { flows, error } = await locate({ host: 'example.net', secure: false, ...hop }, options);
  if (error !== undefined) return error;
  return flows.map(({ transport, remote }) => `${transport} ${textOf(remote)}`);
}

const DUAL = { 'example.net': ['192.0.2.1', '2001:db8::1'] };

test('a literal address is itself, over UDP unless said otherwise', async (t) => {
  t.deepEqual(await located({ host: '192.0.2.1' }), ['udp 192.0.2.1:5060']);
  t.deepEqual(await located({ host: '2001:DB8:0::1', port: 5070, transport: 'tcp' }), [
    'tcp [2001:db8::1]:5070',
  ]);
});

test('a port means A and AAAA, and no SRV', async (t) => {
  const srv = { '_sip._udp.example.net': [{ name: 'other.example.net' }] };
  t.deepEqual(await located({ port: 5080 }, { srv, hosts: DUAL }), [
    'udp [2001:db8::1]:5080',
    'udp 192.0.2.1:5080',
  ]);
});

test('IPv4 goes first where we have no IPv6 address of our own', async (t) => {
  t.deepEqual(await located({ port: 5080 }, { hosts: DUAL, ipv6: false }), [
    'udp 192.0.2.1:5080',
    'udp [2001:db8::1]:5080',
  ]);
});

test('the family that the account demands is the only one', async (t) => {
  t.deepEqual(await located({ family: 4 }, { hosts: DUAL }), ['udp 192.0.2.1:5060']);
  t.regex(
    String(await located({ family: 6 }, { hosts: { 'example.net': ['192.0.2.1'] } })),
    /no address for IPv6/,
  );
});

test('SRV says host, port and transport; lower priority comes first', async (t) => {
  const world: World = {
    srv: {
      '_sip._udp.example.net': [
        { name: 'b.example.net', port: 5062, priority: 20 },
        { name: 'a.example.net', port: 5061, priority: 10 },
      ],
      '_sip._tcp.example.net': [{ name: 'a.example.net', port: 5063 }],
    },
    hosts: { 'a.example.net': ['192.0.2.1'], 'b.example.net': ['192.0.2.2'] },
  };
  t.deepEqual(await located({}, world), ['udp 192.0.2.1:5061', 'udp 192.0.2.2:5062', 'tcp 192.0.2.1:5063']);
  t.deepEqual(await located({ transport: 'tcp' }, world), ['tcp 192.0.2.1:5063']);
});

test('weights share the load within one priority', async (t) => {
  const world: World = {
    srv: {
      '_sip._udp.example.net': [
        { name: 'heavy.example.net', weight: 90 },
        { name: 'light.example.net', weight: 10 },
      ],
    },
    hosts: { 'heavy.example.net': ['192.0.2.90'], 'light.example.net': ['192.0.2.10'] },
  };
  let heavyFirst = 0;
  for (let i = 0; i < 300; i++) {
    if ((await located({}, world))[0] === 'udp 192.0.2.90:5060') heavyFirst++;
  }
  // 270 expected; these bounds are more than six standard deviations away.
  t.true(heavyFirst > 235 && heavyFirst < 300, `${heavyFirst} of 300`);
});

test('without SRV the name itself is asked, at port 5060', async (t) => {
  t.deepEqual(await located({}, { hosts: DUAL }), ['udp [2001:db8::1]:5060', 'udp 192.0.2.1:5060']);
});

test('a service that is decidedly not there (RFC 2782) is not looked for', async (t) => {
  const srv = {
    '_sip._udp.example.net': [{ name: '.' }],
    '_sip._tcp.example.net': [{ name: 'example.net' }],
  };
  t.deepEqual(await located({}, { srv, hosts: { 'example.net': ['192.0.2.1'] } }), ['tcp 192.0.2.1:5060']);
});

test('localhost, names without a dot and .local are not asked for SRV', async (t) => {
  for (const host of ['localhost', 'pbx', 'phone.local']) {
    const srv = { [`_sip._udp.${host}`]: [{ name: 'elsewhere.net' }] };
    t.deepEqual(await located({ host }, { srv, hosts: { [host]: ['127.0.0.1'] } }), ['udp 127.0.0.1:5060']);
  }
});

test('Teredo addresses are dropped', async (t) => {
  const hosts = { 'example.net': ['2001:0:53aa:64c::1', '192.0.2.1'] };
  t.deepEqual(await located({}, { hosts }), ['udp 192.0.2.1:5060']);
  t.regex(String(await located({ host: '2001::1' })), /no address/);
});

test('addresses without a route are left out, and the error tells when none is left', async (t) => {
  t.deepEqual(await located({}, { hosts: DUAL, unreachable: ['2001:db8::1'] }), ['udp 192.0.2.1:5060']);
  const none = await located({}, { hosts: DUAL, unreachable: ['2001:db8::1', '192.0.2.1'] });
  t.is(none, 'no route to 2001:db8::1');
});

test('a name that does not exist says what to check', async (t) => {
  t.regex(String(await located({})), /example\.net has no address.*check name and DNS/);
});

test('what demands TLS never falls back', async (t) => {
  t.regex(String(await located({ transport: 'tls' }, { hosts: DUAL })), /TLS is not built/);
  t.regex(String(await located({ secure: true }, { hosts: DUAL })), /TLS is not built/);
});

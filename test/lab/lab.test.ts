/** The laboratory holds what it promises: names, faults, delays, captures, and nothing left behind. */
import { readdirSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { bracketed } from './addressing.ts';
import { command } from './command.ts';
import type { FaultKind } from './faults.ts';
import type { Host } from './host.ts';
import { inLab } from './in_lab.ts';
import { Lab } from './lab.ts';
import { readEthernet } from './packet.ts';
import { SipServer } from './sip_server.ts';

const withLab = inLab();
const PORT = 5060;

const CLIENT = new URL('client.ts', import.meta.url).pathname;

/** What a datagram or a connection meets. `patience`: short where silence is the answer that is expected, ms. */
async function meets(from: Host, way: 'udp' | 'tcp', address: string, patience = 3000): Promise<string> {
  const client = from.run(process.execPath, [CLIENT, way, address, String(PORT), String(patience)]);
  await client.exit(patience + 5000);
  const said = client.output.trim();
  return said.startsWith('SIP/2.0 ') ? 'answer' : said;
}

interface Street {
  readonly lab: Lab;
  readonly alice: Host;
  readonly bob: Host;
  readonly server: SipServer;
}

/** Two hosts, and SIP served at the second one. */
async function onStreet(story: (street: Street) => Promise<void>): Promise<void> {
  await using lab = await Lab.create();
  const alice = await lab.host('alice');
  const bob = await lab.host('bob');
  await story({ lab, alice, bob, server: await SipServer.start(lab, bob) });
}

withLab('hosts reach each other over both families, and nobody else', (t) =>
  onStreet(async ({ alice, bob }) => {
    for (const address of bob.addresses) {
      t.is(await meets(alice, 'udp', address), 'answer');
      t.is(await meets(alice, 'tcp', address), 'connected');
    }
    for (const nowhere of ['192.0.2.1', '2001:db8::1'])
      t.not(await meets(alice, 'tcp', nowhere, 300), 'connected');
  }),
);

/** What TCP makes of a fault; UDP tells a connected socket of the hard ones only. */
const ERRORS: readonly (readonly [FaultKind, string])[] = [
  ['drop', 'silence'],
  ['port-unreachable', 'ECONNREFUSED'],
];

for (const [how, error] of ERRORS) {
  withLab(`${how} strikes the family that is named, and ends`, (t) =>
    onStreet(async ({ alice, bob }) => {
      await alice.block({ family: 6 }, how);
      const patience = error === 'silence' ? 300 : 3000;
      t.is(await meets(alice, 'tcp', bob.ipv6, patience), error);
      t.is(await meets(alice, 'udp', bob.ipv6, patience), error);
      t.is(await meets(alice, 'tcp', bob.ipv4), 'connected');
      t.is(await meets(alice, 'udp', bob.ipv4), 'answer');
      await alice.unblock();
      t.is(await meets(alice, 'tcp', bob.ipv6), 'connected');
    }),
  );
}

/** ICMP type and code as the caller's link carries them (RFC 792, RFC 1812 5.2.7.1, RFC 4443 3.1). */
const ICMP: readonly (readonly [FaultKind, ipv4: string, ipv6: string])[] = [
  ['no-route', '3.0', '1.0'],
  ['host-unreachable', '3.1', '1.3'],
  ['admin-prohibited', '3.13', '1.1'],
  ['port-unreachable', '3.3', '1.4'],
];

withLab('each kind of refusal is the ICMP error of its name', (t) =>
  onStreet(async ({ alice, bob }) => {
    for (const [how, ipv4, ipv6] of ICMP) {
      await alice.block({ peer: bob, transport: 'udp' }, how);
      t.is(await icmpSeen(t, alice, bob.ipv4), ipv4, `${how} over IPv4`);
      t.is(await icmpSeen(t, alice, bob.ipv6), ipv6, `${how} over IPv6`);
      t.is(await meets(alice, 'tcp', bob.ipv4), 'connected');
      await alice.unblock();
    }
  }),
);

async function icmpSeen(t: ExecutionContext, from: Host, address: string): Promise<string> {
  const capture = await from.capture();
  await meets(from, 'udp', address, 100);
  const packets = await capture.stop();
  // Neighbour discovery is ICMPv6 too, of types from 133 on.
  const errors = packets.filter(({ transport, icmp }) => transport === 'icmp' && (icmp?.type ?? 255) < 128);
  t.is(errors.length, 1);
  return `${errors[0]?.icmp?.type}.${errors[0]?.icmp?.code}`;
}

withLab('names of every kind are served, unknown ones denied at once', async (t) => {
  await using lab = await Lab.create();
  const alice = await lab.host('alice');
  await lab.dns([
    'pbx.lab. 60 IN NAPTR 10 50 "s" "SIP+D2U" "" _sip._udp.pbx.lab.',
    '_sip._udp.pbx.lab. 60 IN SRV 1 2 5070 a.pbx.lab.',
    'a.pbx.lab. 60 IN A 10.1.2.3',
    'a.pbx.lab. 60 IN AAAA 2d00::3',
  ]);
  const ask = async (expression: string): Promise<unknown> => {
    const source = `const dns = require('node:dns/promises'); ${expression}.then((found) => console.log(JSON.stringify(found)), (error) => console.log(JSON.stringify(error.code)))`;
    const process_ = alice.run(process.execPath, ['-e', source]);
    await process_.exit(5000);
    return JSON.parse(process_.output);
  };
  t.like((await ask("dns.resolveNaptr('pbx.lab')")) as object[], [{ replacement: '_sip._udp.pbx.lab' }]);
  t.like((await ask("dns.resolveSrv('_sip._udp.pbx.lab')")) as object[], [{ name: 'a.pbx.lab', port: 5070 }]);
  t.deepEqual(await ask("dns.resolve4('a.pbx.lab')"), ['10.1.2.3']);
  t.deepEqual(await ask("dns.resolve6('a.pbx.lab')"), ['2d00::3']);
  t.is(await ask("dns.resolve4('www.example.com')"), 'ENOTFOUND');
  await lab.dns(['pbx.lab. 60 IN A 10.3.2.1']);
  t.deepEqual(await ask("dns.resolve4('pbx.lab')"), ['10.3.2.1']);
});

withLab('packets to a delayed host come late, in one family', (t) =>
  onStreet(async ({ lab, alice, bob }) => {
    await lab.delay(bob, 200, 6);
    const late = await roundTrip(alice, bob.ipv6);
    t.true(late >= 195 && late < 2000, `${late} ms`);
    t.true((await roundTrip(alice, bob.ipv4)) < 195);
    await lab.delay(bob, 0);
    t.true((await roundTrip(alice, bob.ipv6)) < 195);
  }),
);

/** ms from the request to its answer on the caller's link. */
async function roundTrip(from: Host, address: string): Promise<number> {
  const capture = await from.capture();
  await meets(from, 'udp', address);
  const packets = await capture.stop();
  const request = packets.find(({ sip }) => sip?.startsWith('OPTIONS '));
  const answer = packets.find(({ sip }) => sip?.startsWith('SIP/2.0 '));
  return (answer?.time ?? Number.POSITIVE_INFINITY) - (request?.time ?? 0);
}

withLab('an interface goes down and comes up, addresses come and go', (t) =>
  onStreet(async ({ alice, bob }) => {
    await alice.down();
    t.is(await meets(alice, 'tcp', bob.ipv4), 'ENETUNREACH');
    await alice.up();
    t.is(await meets(alice, 'tcp', bob.ipv4), 'connected');
    t.is(await meets(alice, 'tcp', bob.ipv6), 'connected');
    await alice.removeAddress(alice.ipv6);
    t.is(await meets(alice, 'tcp', bob.ipv6), 'ENETUNREACH');
    await alice.addAddress('2d00:1ab:1::7');
    t.is(await meets(alice, 'tcp', bob.ipv6), 'connected');
  }),
);

withLab('the server writes down what it hears and refuses whom it shall', (t) =>
  onStreet(async ({ alice, bob, server }) => {
    await meets(alice, 'udp', bob.ipv4);
    server.behave({ ignore: ['OPTIONS'] });
    t.is(await meets(alice, 'udp', bob.ipv4, 300), 'silence');
    server.behave({});
    server.refuse(alice.addresses);
    t.is(await meets(alice, 'udp', bob.ipv6), 'answer');
    t.deepEqual(
      server.heard.map(({ method, branch, from }) => [method, branch, from]),
      [alice.ipv4, alice.ipv4, alice.ipv6].map((from) => ['OPTIONS', 'z9hG4bKclient', from]),
    );
  }),
);

withLab('nothing is left behind, also after a failure', async (t) => {
  let router = '';
  const failed = await t.throwsAsync(async () => {
    await using lab = await Lab.create();
    router = lab.router;
    const alice = await lab.host('alice');
    alice.run('sleep', ['60']);
    await lab.dns([]);
    throw new Error('in the midst of it');
  });
  t.is(failed?.message, 'in the midst of it');
  const prefix = router.replace(/router$/, '');
  const namespaces = await command('ip', ['netns', 'list']);
  t.false(namespaces.includes(prefix));
  t.false(readdirSync('/etc/netns').some((name) => name.startsWith(prefix)));
});

test('a packet that is cut off is no packet', (t) => {
  const frame = Buffer.alloc(60);
  frame.writeUInt16BE(0x86dd, 12);
  for (let length = 0; length < 54; length++) {
    t.is(readEthernet(frame.subarray(0, length), 0), undefined);
  }
  t.is(readEthernet(frame, 0)?.from.family, 6);
});

test('an address in a URI has brackets where it needs them', (t) => {
  t.is(bracketed('10.0.0.1'), '10.0.0.1');
  t.is(bracketed('2d00::1'), '[2d00::1]');
});

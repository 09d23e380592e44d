import test from 'ava';
import { flowOfHop } from '#sip/request/flow_reuse.ts';
import type { Flow, Hop } from '#sip/types.ts';

function flow(transport: Flow['transport'], address: string, port = 5060): Flow {
  const family = address.includes(':') ? 6 : 4;
  return { transport, local: { family, address: '::', port: 5060 }, remote: { family, address, port } };
}

const ROWS: readonly [hop: Partial<Hop>, flow: Flow, reused: boolean][] = [
  [{ host: '192.0.2.1' }, flow('udp', '192.0.2.1'), true],
  [{ host: '192.0.2.1', port: 5060 }, flow('udp', '192.0.2.1'), true],
  [{ host: '192.0.2.1', port: 5062 }, flow('udp', '192.0.2.1'), false],
  [{ host: '192.0.2.1' }, flow('udp', '192.0.2.1', 5062), false],
  [{ host: '192.0.2.2' }, flow('udp', '192.0.2.1'), false],
  [{ host: 'server.example' }, flow('udp', '192.0.2.1'), false],
  [{ host: '192.0.2.1' }, flow('tcp', '192.0.2.1'), false],
  [{ host: '192.0.2.1', transport: 'tcp' }, flow('tcp', '192.0.2.1'), true],
  [{ host: '192.0.2.1', transport: 'tls' }, flow('tls', '192.0.2.1', 5061), true],
  [{ host: '192.0.2.1', secure: true }, flow('tls', '192.0.2.1', 5061), true],
  [{ host: '192.0.2.1', secure: true, transport: 'tcp' }, flow('tcp', '192.0.2.1'), false],
  [{ host: '2001:db8:0::1' }, flow('udp', '2001:db8::1'), true],
  [{ host: 'fe80::1' }, flow('udp', 'fe80::1%eth0'), true],
  [{ host: 'fe80::1%eth0' }, flow('udp', 'fe80::1%eth0'), true],
  [{ host: 'fe80::1%eth1' }, flow('udp', 'fe80::1%eth0'), false],
];

for (const [hop, by, reused] of ROWS) {
  const { transport, remote } = by;
  test(`${JSON.stringify(hop)} is ${reused ? '' : 'not '}where ${transport} to ${remote.address}:${remote.port} leads`, (t) => {
    t.is(flowOfHop({ host: '', secure: false, ...hop }, by), reused ? by : undefined);
  });
}

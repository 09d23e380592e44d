/** The agent's side of the door to the tunnel: questions end, and what was closed stays closed. */
import test from 'ava';
import { TunnelDoor } from '#agent/tunnel_door.ts';
import type { TunnelCommand, TunnelEvent } from '#media/tunnel.ts';

const OURS = 'fc64:bed::1';
const OTHER = 'fc64:bee::1';
const PEER = { family: 6, address: 'fc64:bed::2', port: 5060 } as const;
const UP = {
  kind: 'tunnel',
  state: 'up',
  addresses: [OURS],
  router: '192.0.2.1:25790',
  direct: 1,
  relayed: 2,
} as const;

const OPEN = { routers: ['192.0.2.1:25790'], port: 25_790, onLink: [], sipPort: 5060 };

function stand() {
  const commands: TunnelCommand[] = [];
  const seen: string[] = [];
  let tell: (event: TunnelEvent) => void = () => {};
  const door = new TunnelDoor(
    {
      command: (command) => commands.push(command),
      onEvent: (listener) => {
        tell = listener;
      },
    },
    {
      changed: () => seen.push(`changed ${door.view.state} ${door.view.addresses.join(' ')}`.trim()),
      counted: () => seen.push('counted'),
      datagram: (_octets, remote, local) => seen.push(`datagram ${remote.address} ${local}`),
      unsent: (ref, error) => seen.push(`unsent ${ref} ${error}`),
    },
  );
  const take = () => seen.splice(0);
  return { door, commands, take, tell: (event: TunnelEvent) => tell(event) };
}

test('state, addresses and router are news; the counters alone are counted', (t) => {
  const { door, take, tell } = stand();
  door.open(OPEN);
  tell(UP);
  tell({ ...UP, direct: 9 });
  tell({ ...UP, addresses: [OURS, OTHER] });
  tell({ ...UP, state: 'lost' });
  tell({ ...UP, state: 'waiting', addresses: [] });
  t.deepEqual(take(), [
    'changed waiting',
    `changed up ${OURS}`,
    'counted',
    `changed up ${OURS} ${OTHER}`,
    `changed lost ${OURS}`,
    'changed waiting',
  ]);
});

test('what was closed is gone at once, and what was still on its way is not heard', (t) => {
  const { door, commands, take, tell } = stand();
  door.open(OPEN);
  tell(UP);
  take();
  door.close();
  door.close();
  tell(UP);
  tell({ kind: 'tunnel-datagram', octets: new Uint8Array(30), remote: PEER, local: OURS });
  t.deepEqual(take(), ['changed off']);
  t.deepEqual(
    commands.map(({ kind }) => kind),
    ['tunnel-open', 'tunnel-close'],
  );
  t.deepEqual([door.view.direct, door.view.relayed], [1, 2], 'counters only grow');
});

test('a question without an answer ends after a second', async (t) => {
  const { door, tell } = stand();
  door.open(OPEN);
  tell(UP);
  const began = performance.now();
  t.is(await door.sourceFor(PEER.address), undefined);
  const took = performance.now() - began;
  t.true(took > 950 && took < 3_000, `${took}`);
});

test('a question while the tunnel is down or its router lost, or closed meanwhile, ends at once', async (t) => {
  const { door, commands, tell } = stand();
  t.is(await door.sourceFor(PEER.address), undefined);
  t.deepEqual(commands, []);
  door.open(OPEN);
  tell({ ...UP, state: 'lost' });
  t.is(await door.sourceFor(PEER.address), undefined);
  t.is(commands.length, 1);
  tell(UP);
  const asked = door.sourceFor(PEER.address);
  door.close();
  t.is(await asked, undefined);
});

test('each answer finds its question, and an address that it names is ours', async (t) => {
  const { door, commands, take, tell } = stand();
  door.open(OPEN);
  tell(UP);
  const questions = [door.sourceFor('fc64:bee::9'), door.sourceFor(PEER.address)];
  const numbers = commands.flatMap((command) => (command.kind === 'tunnel-source' ? [command.request] : []));
  const [first = 0, second = 0] = numbers;
  tell({ kind: 'tunnel-source', request: second, address: OURS });
  tell({ kind: 'tunnel-source', request: first, address: OTHER });
  tell({ kind: 'tunnel-source', request: 999, address: OURS });
  t.deepEqual(await Promise.all(questions), [OTHER, OURS]);
  t.is(take().at(-1), `changed up ${OURS} ${OTHER}`);
});

test('more questions at once than anybody has are not asked', async (t) => {
  const { door, commands, tell } = stand();
  door.open(OPEN);
  tell(UP);
  const all = Array.from({ length: 1_000 }, () => door.sourceFor(PEER.address));
  t.is(commands.length, 1 + 64);
  door.close();
  t.true((await Promise.all(all)).every((address) => address === undefined));
});

test('datagrams to an address that is not ours, and errors', (t) => {
  const { door, take, tell } = stand();
  door.open(OPEN);
  tell(UP);
  take();
  tell({ kind: 'tunnel-datagram', octets: new Uint8Array(30), remote: PEER, local: OTHER });
  tell({ kind: 'tunnel-datagram', octets: new Uint8Array(30), remote: PEER, local: OURS });
  tell({ kind: 'tunnel-unsent', ref: 'a', error: 'ECONNREFUSED' });
  t.deepEqual(take(), [`datagram ${PEER.address} ${OURS}`, 'unsent a ECONNREFUSED']);
});

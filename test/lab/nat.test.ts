/** The laboratory's NATs are of the kind that they say: what plain UDP through them shows. */
import { setTimeout as sleep } from 'node:timers/promises';
import { publicSubnetOf } from './addressing.ts';
import type { Host } from './host.ts';
import { inLab } from './in_lab.ts';
import { Lab } from './lab.ts';
import { Nat, type NatKind } from './nat.ts';
import type { End } from './peers/talk.ts';
import { Talker } from './talker.ts';

const withLab = inLab();
const PATIENCE = 3000;
/** Milliseconds after which a datagram in the laboratory is not on its way any more. */
const SILENCE = 200;

interface Street {
  readonly lab: Lab;
  readonly nat: Nat;
  readonly alice: Talker;
  /** Two servers, on hosts of their own. */
  readonly near: Talker;
  readonly far: Talker;
}

async function onStreet(kind: NatKind, story: (street: Street) => Promise<void>): Promise<void> {
  await using lab = await Lab.create(publicSubnetOf);
  const nat = await Nat.build(lab, 'nat', kind);
  const on = async (host: Promise<Host>) => Talker.plain(await host, { port: 4000 });
  const [alice, near, far] = await Promise.all([
    on(nat.host('alice')),
    on(lab.host('near', { ipv6: false })),
    on(lab.host('far', { ipv6: false })),
  ]);
  await story({ lab, nat, alice, near, far });
}

/** As whom `to` sees the sender, `said` being unheard so far; undefined: not at all. */
async function seen(from: Talker, to: Talker, end: End, said: string): Promise<End | undefined> {
  from.do({ do: 'send', to: end, text: said });
  const isIt = ({ text }: { readonly text: string }) => text === said;
  return to.event('message', PATIENCE, 0, isIt).then(
    (told) => told.from,
    () => undefined,
  );
}

function at(talker: Talker): End {
  return { address: talker.host.ipv4, port: 4000 };
}

/** Whether a datagram from there to here comes in. */
async function comesIn(from: Talker, to: Talker, end: End): Promise<boolean> {
  const before = to.told.length;
  from.do({ do: 'send', to: end, text: 'let me in' });
  await sleep(SILENCE);
  return to.told.length > before;
}

withLab('a cone keeps its port for everybody, and lets in whom it was sent to', async (t) => {
  await onStreet('cone', async ({ nat, alice, near, far }) => {
    const mapped = { address: nat.address, port: 4000 };
    t.deepEqual(await seen(alice, near, at(near), 'one'), mapped);
    t.true(await comesIn(near, alice, mapped));
    t.false(await comesIn(far, alice, mapped));
    // A stranger who knocked has not taken the port away.
    t.deepEqual(await seen(alice, far, at(far), 'two'), mapped);
    t.true(await comesIn(far, alice, mapped));
  });
});

withLab('a symmetric NAT has another port for everybody', async (t) => {
  await onStreet('symmetric', async ({ nat, alice, near, far }) => {
    const [one, two] = [await seen(alice, near, at(near), 'one'), await seen(alice, far, at(far), 'two')];
    t.is(one?.address, nat.address);
    t.not(one?.port, two?.port);
    t.true(one !== undefined && (await comesIn(near, alice, one)));
    t.false(one !== undefined && (await comesIn(far, alice, one)));
  });
});

withLab('those behind one NAT reach each other by its address where it turns their packets', async (t) => {
  await onStreet('cone', async ({ nat, alice }) => {
    const bob = await Talker.plain(await nat.host('bob'), { port: 4001 });
    const [toAlice, toBob] = [4000, 4001].map((port) => ({ address: nat.address, port }));
    if (toAlice === undefined || toBob === undefined) return t.fail();
    t.false(await comesIn(alice, bob, toBob));
    await nat.hairpin([
      { port: 4000, host: alice.host },
      { port: 4001, host: bob.host },
    ]);
    t.deepEqual(await seen(alice, bob, toBob, 'hello'), toAlice);
    t.deepEqual(await seen(bob, alice, toAlice, 'hello yourself'), toBob);
  });
});

withLab(
  'a mapping ends with time or with a loss of power; a new one of a symmetric NAT is another',
  async (t) => {
    await onStreet('symmetric', async ({ nat, alice, near }) => {
      await nat.remember(1);
      const first = await seen(alice, near, at(near), 'one');
      t.true(first !== undefined && (await comesIn(near, alice, first)));
      await sleep(2500);
      t.false(first !== undefined && (await comesIn(near, alice, first)));
      await nat.remember(30);
      const second = await seen(alice, near, at(near), 'two');
      t.not(second?.port, first?.port);
      await nat.forget();
      t.false(second !== undefined && (await comesIn(near, alice, second)));
      t.not((await seen(alice, near, at(near), 'three'))?.port, second?.port);
    });
  },
);

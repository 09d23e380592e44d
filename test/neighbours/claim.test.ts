/** Many telephones, one wire: each ends with a number of its own, and nobody talks without end. */
import test from 'ava';
import { nextExtension } from '#neighbours/extension.ts';
import { extensionsOf, Lan, networkOf, type Telephone } from './lan.ts';

const states = ({ effects }: Telephone) =>
  effects.flatMap((effect) => (effect.kind === 'keep' ? [effect.state] : []));
const isSettled = ({ effects }: Telephone) => effects.some(({ kind }) => kind === 'settled');

test('alone, the wish comes true in a second', (t) => {
  const lan = new Lan();
  const phone = lan.add();
  lan.clock.run(1_000);
  t.is(phone.machine.extension, '204');
  t.deepEqual(states(phone), [], 'what was wished need not be kept');
  t.true(isSettled(phone));
});

test('of two that wish the same, the smaller instance has it and the greater the next', (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const lan = new Lan({ seed });
    // Both probe at the same time only if they begin at the same time: the draw of the first pause is the seed's.
    const [first, second] = [lan.add(), lan.add()];
    lan.clock.run(10_000);
    t.deepEqual(extensionsOf(lan), ['204', '205'], `seed ${seed}`);
    t.true(isSettled(first) && isSettled(second));
    t.is(states(second).at(-1)?.extension, '205');
  }
});

test('who has the number keeps it, whoever comes later', (t) => {
  const lan = new Lan();
  const late = { instanceId: '00000000-0000-1000-8000-000000000001' };
  lan.add();
  lan.clock.run(5_000);
  lan.add(late);
  lan.clock.run(10_000);
  t.deepEqual(extensionsOf(lan), ['204', '205']);
});

for (const [count, loss] of [
  [3, 0],
  [3, 0.4],
  [10, 0.2],
  [25, 0.1],
] as const) {
  test(`${count} that wish the same, ${loss * 100} % lost: all end different, with bounded talk`, (t) => {
    for (let seed = 1; seed <= 4; seed++) {
      const lan = new Lan({ seed, loss });
      for (let n = 0; n < count; n++) lan.add();
      lan.clock.run(120_000);
      t.is(new Set(extensionsOf(lan)).size, count);
      t.true(lan.phones.every(isSettled));
      t.true(lan.packets < 25 * count + 4 * count * count, `${lan.packets} packets for ${count}`);
      for (const { machine } of lan.phones)
        t.is(machine.neighbours.filter(({ fresh }) => fresh).length, count - 1);
    }
  });
}

test('once they know each other, two telephones cost less than five packets a minute', (t) => {
  const lan = new Lan();
  lan.add();
  lan.add();
  lan.clock.run(120_000);
  const before = lan.packets;
  lan.clock.run(3_600_000);
  t.true(lan.packets - before < 300, `${lan.packets - before} packets in an hour`);
});

test('one that is killed in the midst of its claim, and started again, has a number of its own', (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const lan = new Lan({ seed });
    const victim = [lan.add(), lan.add(), lan.add()][2];
    lan.clock.run(100 + 60 * seed);
    if (victim !== undefined) victim.dead = true;
    lan.add({ instanceId: '00000000-0000-1000-8000-dca632010003', host: 'dualtone-0003' });
    lan.clock.run(30_000);
    t.is(new Set(extensionsOf(lan)).size, 3, `seed ${seed}: ${extensionsOf(lan)}`);
  }
});

test('two LANs that become one: who had the same number parts with it on one side', (t) => {
  for (let seed = 1; seed <= 10; seed++) {
    const lan = new Lan({ seed });
    const left = lan.add();
    lan.split = (phone) => (phone === left ? 0 : 1);
    lan.add();
    lan.clock.run(10_000);
    t.deepEqual(extensionsOf(lan), ['204', '204']);
    lan.split = undefined;
    lan.clock.run(150_000);
    t.is(new Set(extensionsOf(lan)).size, 2, `seed ${seed}`);
  }
});

test('the number that was chosen persists, and another wish begins anew', (t) => {
  const kept = { wish: '204', extension: '231', pins: {} };
  const lan = new Lan();
  t.is(lan.add({}, kept).machine.extension, '231');
  t.is(lan.add({ extension: '300' }, kept).machine.extension, '300');
});

test('two hosts of one name: one is called otherwise', (t) => {
  const lan = new Lan();
  lan.add({ host: 'dualtone-0203', extension: '211' });
  lan.add({ host: 'dualtone-0203', extension: '212' });
  lan.clock.run(20_000);
  const hosts = lan.phones.map(({ machine }) => machine.self.host);
  t.deepEqual(hosts.sort(), ['dualtone-0203', 'dualtone-0203-2']);
  t.deepEqual(extensionsOf(lan), ['211', '212']);
});

test('each wins one name of the other: both go on all the same', (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const lan = new Lan({ seed });
    lan.add({ host: 'dualtone-0203' });
    lan.add({ host: 'dualtone-0203' });
    lan.clock.run(30_000);
    t.is(new Set(extensionsOf(lan)).size, 2);
    t.is(new Set(lan.phones.map(({ machine }) => machine.self.host)).size, 2);
    t.true(lan.phones.every(isSettled));
  }
});

test('who leaves says so, who is unplugged is not fresh after two minutes', (t) => {
  const lan = new Lan();
  const [stays, leaves, dies] = [lan.add(), lan.add({ extension: '221' }), lan.add({ extension: '222' })];
  lan.clock.run(10_000);
  const fresh = () => stays.machine.neighbours.filter((each) => each.fresh).map(({ extension }) => extension);
  t.deepEqual(fresh(), ['221', '222']);
  leaves.give({ kind: 'close' });
  leaves.dead = dies.dead = true;
  lan.clock.run(2_000);
  t.deepEqual(fresh(), ['222']);
  lan.clock.run(121_000);
  t.deepEqual(fresh(), []);
  t.is(stays.machine.neighbours.length, 2);
});

test('the interface goes and comes: all is probed and told anew', (t) => {
  const lan = new Lan();
  const [one, two] = [lan.add(), lan.add()];
  lan.clock.run(10_000);
  two.give({ kind: 'network', network: networkOf() });
  t.deepEqual(
    two.machine.neighbours.map(({ fresh }) => fresh),
    [false],
  );
  lan.clock.run(1_000);
  two.give({ kind: 'network', network: networkOf(two.address) });
  lan.clock.run(5_000);
  t.deepEqual(
    two.machine.neighbours.map(({ fresh }) => fresh),
    [true],
  );
  t.deepEqual(extensionsOf(lan), ['204', '205']);
  t.true(one.machine.neighbours.every(({ fresh }) => fresh));
});

test('a further address is told at once', (t) => {
  const lan = new Lan();
  const [one, two] = [lan.add(), lan.add()];
  lan.clock.run(10_000);
  two.give({ kind: 'network', network: networkOf(two.address, '2001:db8::7', 'fe80::7') });
  lan.clock.run(50);
  t.deepEqual(one.machine.neighbours[0]?.addresses, ['2001:db8::7', 'fe80::7%eth0', two.address]);
});

test('the next number is the next free one of 200 to 799, round the end', (t) => {
  t.is(nextExtension('204', '300', new Set()), '205');
  t.is(nextExtension('204', '300', new Set(['205', '206'])), '207');
  t.is(nextExtension('799', '300', new Set()), '200');
  t.is(nextExtension('1001', '300', new Set()), '300');
  t.is(nextExtension('1001', '300', new Set(['300'])), '301');
  const all = new Set(Array.from({ length: 600 }, (_, n) => String(200 + n)));
  t.regex(nextExtension('204', '300', all), /^[2-7]\d\d$/);
});

test('a key that is accepted is kept, and its telephone is a neighbour again', (t) => {
  const [fp, other] = ['a'.repeat(43), 'b'.repeat(43)];
  const lan = new Lan();
  const instanceId = '00000000-0000-1000-8000-dca632010002';
  const one = lan.add({}, { wish: '204', extension: '204', pins: { [instanceId]: fp } });
  lan.add({ instanceId, extension: '205', fp: other });
  lan.clock.run(5_000);
  const { key = '', trust } = one.machine.neighbours[0] ?? {};
  t.is(trust, 'changed');
  one.effects.length = 0;
  one.give({ kind: 'accept', key, fp: other });
  t.is(one.machine.neighbours[0]?.trust, 'pinned');
  t.deepEqual(
    one.effects.map((effect) => (effect.kind === 'keep' ? effect.state.pins : effect.kind)),
    ['neighbours', { [instanceId]: other }],
  );
});

/** A file by TFTP on a wire that loses, doubles and delays, with a clock that jumps. */
import test from 'ava';
import { readPacket, type TftpPacket, writePacket } from '#provisioning/fetch/tftp_packet.ts';
import { type TftpEffect, type TftpInput, TftpTransfer } from '#provisioning/fetch/tftp_transfer.ts';
import { Clock } from '../../support/clock.ts';
import { mutations, seededRandom } from '../../support/mutate.ts';

const LARGEST = 1 << 20;
const TID = 40_000;

interface ServerOptions {
  readonly loss?: number;
  /** What it grants of what is asked for; undefined: it knows no options. */
  readonly grants?: (asked: ReadonlyMap<string, string>) => ReadonlyMap<string, string> | undefined;
  readonly seed?: number;
}

/** A server as RFC 1350 has it, which sends again every two seconds, and gives up after a minute. */
function stand(file: Uint8Array, { loss = 0, grants, seed = 1 }: ServerOptions = {}) {
  const clock = new Clock(0);
  const random = seededRandom(seed);
  const machine = new TftpTransfer('x.cfg', LARGEST);
  const effects: TftpEffect[] = [];
  const sent: {
    readonly packet: TftpPacket | undefined;
    readonly port: number | undefined;
    readonly at: number;
  }[] = [];
  let block = -1;
  let size = 512;
  let round = 0;
  const carry = (packet: TftpPacket, port = TID) => {
    for (let times = random() < loss ? 2 : 1; times > 0; times -= 1)
      if (random() >= loss)
        clock.after(1 + random() * 5, () => give({ kind: 'received', port, octets: writePacket(packet) }));
  };
  const say = (packet: TftpPacket, tries = 30) => {
    const mine = ++round;
    carry(packet);
    if (tries > 0) clock.after(2_000, () => mine === round && say(packet, tries - 1));
  };
  const next = () => {
    block += 1;
    const octets = file.subarray((block - 1) * size, block * size);
    if ((block - 1) * size <= file.length) say({ kind: 'data', block: block % 0x1_0000, octets });
    else round += 1;
  };
  const hear = (packet: TftpPacket | undefined) => {
    if (packet?.kind === 'read' && block < 0) {
      block = 0;
      const granted = grants?.(packet.options);
      size = Number(granted?.get('blksize') ?? 512);
      if (granted === undefined) next();
      else say({ kind: 'options', options: granted });
    } else if (packet?.kind === 'acknowledge' && packet.block === block % 0x1_0000) next();
    else if (packet?.kind === 'error') round += 1;
  };
  const give = clock.drive<TftpInput, TftpEffect>(machine, (effect) => {
    effects.push(effect);
    if (effect.kind !== 'send') return;
    const packet = readPacket(effect.octets);
    sent.push({ packet, port: effect.port, at: clock.now });
    if (random() >= loss && (effect.port === undefined || effect.port === TID))
      clock.after(1 + random() * 5, () => hear(packet));
  });
  const done = () =>
    effects.flatMap((effect) => (effect.kind === 'done' ? [Buffer.from(effect.octets)] : []));
  const failure = () => effects.flatMap((effect) => (effect.kind === 'failed' ? [effect.failure] : []))[0];
  return { clock, machine, give, effects, sent, done, failure, carry };
}

const octets = (length: number) => Buffer.from(Array.from({ length }, (_, i) => i % 251));
const ALL = (asked: ReadonlyMap<string, string>, length: number) =>
  new Map([...asked].map(([name, value]) => [name, name === 'tsize' ? String(length) : value]));

/** The machine, and nobody at the other end. */
function alone() {
  const clock = new Clock(0);
  const machine = new TftpTransfer('x.cfg', LARGEST);
  const effects: TftpEffect[] = [];
  const times: number[] = [];
  const give = clock.drive<TftpInput, TftpEffect>(machine, (effect) => {
    effects.push(effect);
    if (effect.kind === 'send') times.push(clock.now);
  });
  give({ kind: 'begin' });
  const hear = (packet: TftpPacket, port = TID) =>
    give({ kind: 'received', port, octets: writePacket(packet) });
  const failure = () => effects.flatMap((effect) => (effect.kind === 'failed' ? [effect.failure] : []))[0];
  const said = () => effects.flatMap((effect) => (effect.kind === 'send' ? [readPacket(effect.octets)] : []));
  return { clock, machine, effects, times, give, hear, failure, said };
}

for (const length of [0, 1, 511, 512, 513, 1_228, 2_456, 100_000]) {
  test(`${length} octets come whole, with options and from a server that has none`, (t) => {
    const file = octets(length);
    for (const grants of [undefined, (asked: ReadonlyMap<string, string>) => ALL(asked, length)]) {
      const it = stand(file, grants === undefined ? {} : { grants });
      it.give({ kind: 'begin' });
      it.clock.run(60_000);
      t.deepEqual(it.done(), [file]);
      t.is(it.effects.filter(({ kind }) => kind === 'heard').length, 1);
      t.deepEqual(it.effects.at(-1), { kind: 'closed' });
      t.is(it.machine.deadline, Number.POSITIVE_INFINITY);
    }
  });
}

test('with a third of all packets lost and doubled what comes is whole, or nothing', (t) => {
  const file = octets(9_000);
  let whole = 0;
  for (let seed = 0; seed < 300; seed += 1) {
    const grants =
      seed % 2 === 0 ? undefined : (asked: ReadonlyMap<string, string>) => ALL(asked, file.length);
    const it = stand(file, { loss: 0.3, seed, ...(grants && { grants }) });
    it.give({ kind: 'begin' });
    it.clock.run(600_000);
    const [got] = it.done();
    if (got === undefined) t.is(it.failure()?.kind, 'unreachable');
    else t.deepEqual(got, file);
    whole += it.done().length;
  }
  t.true(whole > 200, String(whole));
});

test('block numbers go around: 70 000 blocks of eight octets', (t) => {
  const file = octets(560_000);
  const it = stand(file, { grants: () => new Map([['blksize', '8']]) });
  it.give({ kind: 'begin' });
  it.clock.run(60_000_000);
  t.is(it.done()[0]?.equals(file), true);
});

test('nobody answers: asked four times with growing pauses, and told', (t) => {
  const { clock, times, failure, effects } = alone();
  clock.settle();
  t.deepEqual(times, [0, 1_000, 3_000, 7_000]);
  t.is(clock.now, 15_000);
  t.deepEqual(failure(), { kind: 'unreachable', error: 'the TFTP server does not answer' });
  t.deepEqual(effects.at(-1), { kind: 'closed' });
});

test('the last acknowledgement is said again for three seconds to who has not heard it', (t) => {
  const { clock, hear, said, machine } = alone();
  hear({ kind: 'data', block: 1, octets: octets(5) });
  clock.run(2_000);
  hear({ kind: 'data', block: 1, octets: octets(5) });
  t.deepEqual(said().slice(1), [
    { kind: 'acknowledge', block: 1 },
    { kind: 'acknowledge', block: 1 },
  ]);
  clock.run(2_000);
  hear({ kind: 'data', block: 1, octets: octets(5) });
  t.is(said().length, 3);
  t.is(machine.deadline, Number.POSITIVE_INFINITY);
});

test('a stranger’s port is told so eight times at most, and changes nothing', (t) => {
  const { hear, effects, failure } = alone();
  hear({ kind: 'data', block: 1, octets: octets(512) });
  for (let i = 0; i < 20; i += 1) hear({ kind: 'error', code: 1, text: 'no' }, 6_666);
  const answers = effects.filter((effect) => effect.kind === 'send' && effect.port === 6_666);
  t.is(answers.length, 8);
  t.is(failure(), undefined);
  hear({ kind: 'data', block: 2, octets: octets(3) });
  t.true(effects.some((effect) => effect.kind === 'done' && effect.octets.length === 515));
});

test('what came is ours, whatever becomes of the octets that it came in', (t) => {
  const { give, effects } = alone();
  const packet = writePacket({ kind: 'data', block: 1, octets: octets(512) });
  give({ kind: 'received', port: TID, octets: packet });
  packet.fill(0);
  give({ kind: 'received', port: TID, octets: writePacket({ kind: 'data', block: 2, octets: octets(0) }) });
  t.true(effects.some((effect) => effect.kind === 'done' && octets(512).equals(effect.octets)));
});

for (const [code, failure] of [
  [1, { kind: 'absent' }],
  [2, { kind: 'unusable', error: 'the TFTP server says: no (2)' }],
  [0, { kind: 'unreachable', error: 'the TFTP server says: no (0)' }],
] as const) {
  test(`error ${code} is ${failure.kind}`, (t) => {
    const stood = alone();
    stood.hear({ kind: 'error', code, text: 'no' });
    t.deepEqual(stood.failure(), failure);
    t.is(stood.machine.deadline, Number.POSITIVE_INFINITY);
  });
}

test('a server that wants no options is asked without', (t) => {
  const { hear, said, effects } = alone();
  hear({ kind: 'error', code: 8, text: 'no options' });
  t.deepEqual(said()[1], { kind: 'read', file: 'x.cfg', options: new Map() });
  hear({ kind: 'data', block: 1, octets: octets(7) }, 41_000);
  t.true(effects.some(({ kind }) => kind === 'done'));
});

for (const [what, options, reason] of [
  ['a larger block than was asked for', { blksize: '9000' }, /not asked for/],
  ['a block of nothing', { blksize: '0' }, /not asked for/],
  ['an option of its own', { windowsize: '64' }, /not asked for/],
  ['a file that is too large', { tsize: '99999999' }, /larger than 1048576/],
] as const) {
  test(`${what} is refused, and the server is told`, (t) => {
    const { hear, failure, said } = alone();
    hear({ kind: 'options', options: new Map(Object.entries(options)) });
    const told = failure();
    t.regex(told !== undefined && 'error' in told ? told.error : '', reason);
    t.is(said().at(-1)?.kind, 'error');
  });
}

test('a file that does not end is cut off at its limit, and one that ends early is not taken', (t) => {
  const endless = alone();
  for (let block = 1; endless.failure() === undefined && block < 10_000; block += 1)
    endless.hear({ kind: 'data', block: block % 0x1_0000, octets: octets(512) });
  t.like(endless.failure(), { kind: 'unusable' });
  const early = alone();
  early.hear({ kind: 'options', options: new Map([['tsize', '600']]) });
  early.hear({ kind: 'data', block: 1, octets: octets(100) });
  t.like(early.failure(), { kind: 'unreachable', error: 'it has 100 octets of the 600 that were announced' });
  t.false(early.effects.some(({ kind }) => kind === 'done'));
});

test('100 000 damaged answers end in a file, a failure or silence, and in rest', (t) => {
  const seeds = [
    writePacket({ kind: 'options', options: new Map([['blksize', '16']]) }),
    writePacket({ kind: 'data', block: 1, octets: octets(16) }),
    writePacket({ kind: 'data', block: 2, octets: octets(3) }),
    writePacket({ kind: 'error', code: 8, text: 'no' }),
  ];
  let at = alone();
  let ends = 0;
  let given = 0;
  for (const damaged of mutations(seeds, 100_000, 11)) {
    at.give({ kind: 'received', port: TID, octets: damaged });
    given += 1;
    const isOver = at.effects.some(({ kind }) => kind === 'done' || kind === 'failed');
    if (!isOver && given % 50 !== 0) continue;
    at.clock.settle();
    if (at.machine.deadline !== Number.POSITIVE_INFINITY) t.fail('it does not rest');
    ends += 1;
    at = alone();
  }
  t.true(ends > 1_000, String(ends));
});

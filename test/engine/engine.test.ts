import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test from 'ava';
import { dbm0At, frequencyOf, gapsIn, readWavSamples, span } from '../support/goertzel.ts';
import { undisturbed } from '../support/undisturbed.ts';
import { joined, PCMA, PORTS, pause, scratch, stand, towards } from './support.ts';

/** dBm0 of the source `tone:`. */
const LEVEL = -10;

for (const family of [4, 6] as const) {
  test.serial(
    `two engines hear each other's tone over IPv${family}, without a gap`,
    undisturbed(async (t) => {
      const folder = scratch(t);
      const a = stand(t, 'tone:440', `file:${folder}/a.wav`);
      const b = stand(t, 'tone:1000', `file:${folder}/b.wav`);
      await joined(a, b, { family });
      await pause(2300);
      await Promise.all([a.engine.stop(), b.engine.stop()]);
      for (const [name, hz, own] of [
        ['a', 1000, 440],
        ['b', 440, 1000],
      ] as const) {
        const { samples } = readWavSamples(`${folder}/${name}.wav`);
        t.true(samples.length > 12_000, `${samples.length} samples heard`);
        const steady = span(samples, 500, samples.length / 8);
        t.true(Math.abs(frequencyOf(steady.subarray(0, 4000)) - hz) <= 1);
        t.true(Math.abs(dbm0At(steady.subarray(0, 4000), hz) - LEVEL) < 1);
        t.true(dbm0At(steady, own) < LEVEL - 30, 'nothing of its own mouth');
        t.deepEqual(gapsIn(steady, hz, 40), []);
      }
      const { statistics } = await a.until('statistics', (event) => event.statistics.received > 60);
      t.true(statistics.sent >= 60);
      t.is(statistics.lost, 0);
      t.true(statistics.jitterMs < 20);
    }),
  );
}

test.serial(
  'a key that one presses the other hears once, and speech goes on',
  undisturbed(async (t) => {
    const a = stand(t, 'silence', 'null');
    const b = stand(t, 'silence', 'null');
    await joined(a, b);
    for (const key of ['1', '1', '#'] as const)
      a.engine.command({ kind: 'dtmf', session: 'call', key, ms: 80 });
    await b.until('dtmf', ({ key }) => key === '#');
    await pause(300);
    const heard = b.events.flatMap((event) => (event.kind === 'dtmf' ? [[event.key, event.ms]] : []));
    t.deepEqual(heard, [
      ['1', 80],
      ['1', 80],
      ['#', 80],
    ]);
  }),
);

test.serial(
  'the echo returns what the mouth says, with a tone over it, at the volume of the ear',
  undisturbed(async (t) => {
    const folder = scratch(t);
    const { engine } = stand(t, 'tone:1000', `file:${folder}/ear.wav`);
    engine.command({ kind: 'volume', ear: 0.5 });
    engine.command({ kind: 'handset', inUse: true });
    engine.command({ kind: 'connect', to: 'echo' });
    engine.command({ kind: 'tone', tone: { intro: [], loop: [{ hz: [425], ms: 0 }], level: -16 } });
    await pause(800);
    engine.command({ kind: 'mute', on: true });
    engine.command({ kind: 'tone' });
    await pause(400);
    await engine.stop();
    const { samples } = readWavSamples(`${folder}/ear.wav`);
    const both = span(samples, 100, 300);
    t.true(Math.abs(dbm0At(both, 1000) - (LEVEL - 6.02)) < 0.2);
    t.true(Math.abs(dbm0At(both, 425) - (-16 - 6.02)) < 0.2);
    t.true(
      samples.subarray(-800).every((sample) => sample === 0),
      'muted',
    );
  }),
);

test.serial(
  'statistics are told every second, silence of the peer every two',
  undisturbed(async (t) => {
    const { engine, until } = stand(t, 'silence', 'null');
    engine.command({ kind: 'open', session: 'call', rtpPorts: PORTS });
    const { port } = await until('opened');
    const begin = performance.now();
    engine.command({ kind: 'configure', session: 'call', parameters: towards(port + 100) });
    const { statistics } = await until('statistics');
    t.true(Math.abs(performance.now() - begin - 1000) < 500);
    t.true(statistics.sent >= 25);
    t.is(statistics.received, 0);
    const silent = await until('media-silent');
    t.is(silent.ms, 2000);
    t.true(Math.abs(performance.now() - begin - 2000) < 500);
  }),
);

test.serial(
  'on hold nothing is sent, nothing is taken and no silence is told',
  undisturbed(async (t) => {
    const peer = createSocket('udp4');
    t.teardown(() => peer.close());
    peer.bind(0, '127.0.0.1');
    await once(peer, 'listening');
    let packets = 0;
    peer.on('message', () => packets++);
    const { engine, events, until } = stand(t, 'tone:440', 'null');
    engine.command({ kind: 'open', session: 'call', rtpPorts: PORTS });
    await until('opened');
    const remote = peer.address().port;
    engine.command({ kind: 'configure', session: 'call', parameters: towards(remote) });
    await pause(300);
    t.true(packets > 5, 'silence goes out though the handset is elsewhere');
    engine.command({
      kind: 'configure',
      session: 'call',
      parameters: towards(remote, { direction: 'inactive' }),
    });
    await pause(100);
    const before = packets;
    await pause(2100);
    t.is(packets, before);
    t.false(events.some(({ kind }) => kind === 'media-silent'));
  }),
);

test.serial(
  'a session has an even RTP port of the range, on both families, and RTCP on the next',
  async (t) => {
    const { engine, until } = stand(t, 'silence', 'null');
    engine.command({ kind: 'open', session: 'call', rtpPorts: PORTS });
    const { port } = await until('opened');
    t.true(port % 2 === 0 && port >= PORTS[0] && port <= PORTS[1]);
    for (const [type, address] of [
      ['udp4', '127.0.0.1'],
      ['udp6', '::1'],
    ] as const) {
      for (const taken of [port, port + 1]) {
        const socket = createSocket(type);
        socket.bind(taken, address);
        const [error] = await once(socket, 'error');
        t.is((error as NodeJS.ErrnoException).code, 'EADDRINUSE', `${type} ${taken}`);
        socket.close();
      }
    }
  },
);

test.serial('a range without a free pair fails with a reason, and the engine lives', async (t) => {
  const { engine, until } = stand(t, 'silence', 'null');
  engine.command({ kind: 'open', session: 'first', rtpPorts: [24_000, 24_001] });
  const { port } = await until('opened');
  t.is(port, 24_000);
  engine.command({ kind: 'open', session: 'second', rtpPorts: [24_000, 24_001] });
  t.regex((await until('failed')).error, /24000-24001/);
  engine.command({ kind: 'open', session: 'none', rtpPorts: [24_001, 24_001] });
  t.regex((await until('failed', ({ session }) => session === 'none')).error, /24001-24001/);
  engine.command({ kind: 'close', session: 'first' });
  engine.command({ kind: 'open', session: 'third', rtpPorts: [24_000, 24_001] });
  t.is((await until('opened', ({ session }) => session === 'third')).port, 24_000);
});

test.serial('a codec that is not built in fails the session by name', async (t) => {
  const { engine, until } = stand(t, 'silence', 'null');
  engine.command({ kind: 'open', session: 'call', rtpPorts: PORTS });
  const { port } = await until('opened');
  const opus = { name: 'opus', payloadType: 96, rate: 48_000 };
  engine.command({
    kind: 'configure',
    session: 'call',
    parameters: towards(port, { codec: opus, receive: [opus, PCMA] }),
  });
  t.regex((await until('failed')).error, /opus\/48000/);
});

test.serial(
  'rubbish, strangers and floods on the media port do no harm',
  undisturbed(async (t) => {
    const folder = scratch(t);
    const a = stand(t, 'silence', `file:${folder}/a.wav`);
    const b = stand(t, 'tone:440', 'null');
    await joined(a, b);
    const { port } = await a.until('opened');
    const stranger = createSocket('udp4');
    t.teardown(() => stranger.close());
    const noise = Buffer.alloc(172, 0x2a);
    noise.writeUInt16BE(0x8008, 0);
    await pause(300);
    for (let round = 0; round < 40; round++) {
      for (let i = 0; i < 25; i++) {
        noise.writeUInt16BE(round * 25 + i, 2);
        stranger.send(noise, port, '127.0.0.1');
        stranger.send(noise.subarray(0, i), port + (i & 1), '127.0.0.1');
      }
      await pause(20);
    }
    await pause(300);
    await Promise.all([a.engine.stop(), b.engine.stop()]);
    const heard = span(readWavSamples(`${folder}/a.wav`).samples, 300, 1200);
    t.is(Math.round(frequencyOf(heard)), 440);
    t.true(Math.abs(dbm0At(heard, 440) - LEVEL) < 1);
    t.deepEqual(gapsIn(heard, 440, 40), []);
  }),
);

/** A media session with ports made by the test and a clock that jumps. */
import test from 'ava';
import { MediaSession, type Ports } from '#engine/session.ts';
import { readCompound } from '#media/rtcp.ts';
import { emptyHeader, readRtp } from '#media/rtp.ts';
import type { EngineEvent, SessionParameters } from '#media/types.ts';
import { seededRandom } from '../support/mutate.ts';

const PCMA = { name: 'PCMA', payloadType: 8, rate: 8000 };
const SILENCE = new Int16Array(160);

interface Datagram {
  readonly octets: Uint8Array;
  readonly address: string;
  readonly port: number;
}
type Receive = Parameters<Ports['listen']>[0];

/** One end at 192.0.2.`host`:4000; what it sends is kept and handed to `deliver`. */
class End {
  readonly #ear = new Int16Array(160);
  now = 0;
  readonly address: string;
  readonly session: MediaSession;
  readonly events: EngineEvent[] = [];
  readonly rtp: Datagram[] = [];
  readonly rtcp: Datagram[] = [];
  /** When, and whom. */
  readonly suspected: [ms: number, address: string][] = [];
  from: string | undefined;
  receiveRtp: Receive = () => {};
  receiveRtcp: Receive = () => {};
  closed = false;
  onRtp: (datagram: Datagram) => void = () => {};
  onRtcp: (datagram: Datagram) => void = () => {};

  constructor(host: number) {
    this.address = `192.0.2.${host}`;
    this.session = new MediaSession('call', this.#ports(), {
      tell: (event) => this.events.push(event),
      cname: new TextEncoder().encode(`host${host}`),
      seed: { ssrc: host, sequence: 0, timestamp: 0 },
      random: seededRandom(host),
      now: () => this.now,
    });
  }

  #ports(): Ports {
    const keep = (list: Datagram[], hand: (datagram: Datagram) => void) => {
      return (octets: Uint8Array, address: string, port: number): void => {
        const datagram = { octets: octets.slice(), address, port };
        list.push(datagram);
        hand(datagram);
      };
    };
    return {
      port: 4000,
      listen: (onRtp, onRtcp) => {
        this.receiveRtp = onRtp;
        this.receiveRtcp = onRtcp;
      },
      sendFrom: (local) => {
        this.from = local;
      },
      suspect: (address) => this.suspected.push([this.now, address]),
      sendRtp: keep(this.rtp, (datagram) => this.onRtp(datagram)),
      sendRtcp: keep(this.rtcp, (datagram) => this.onRtcp(datagram)),
      close: () => {
        this.closed = true;
      },
    };
  }

  configure(host: number, change: Partial<SessionParameters> = {}): void {
    this.session.configure({
      remote: { family: 4, address: `192.0.2.${host}`, port: 4000 },
      codec: PCMA,
      receive: [PCMA],
      eventPayloadType: 101,
      direction: 'sendrecv',
      packetTime: 20,
      ...change,
    });
  }

  beat(): void {
    this.session.frame(SILENCE, this.#ear, this.now);
  }

  /** Beats until `until` ms. */
  run(until: number): void {
    for (; this.now < until; this.now += 20) this.beat();
  }
}

/** Two ends whose RTCP takes `ms` each way. */
function pair(ms: number): [End, End] {
  const ends: [End, End] = [new End(1), new End(2)];
  for (const [from, to] of [ends, [ends[1], ends[0]]] as const) {
    from.onRtp = ({ octets }) => to.receiveRtp(octets, from.address, 4000);
    from.onRtcp = ({ octets }) => {
      const sent = to.now;
      to.now += ms;
      to.receiveRtcp(octets, from.address, 4001);
      to.now = sent;
    };
  }
  ends[0].configure(2);
  ends[1].configure(1);
  return ends;
}

function runBoth([a, b]: readonly [End, End], until: number): void {
  while (a.now < until) {
    a.beat();
    b.beat();
    a.now += 20;
    b.now += 20;
  }
}

const statisticsOf = (end: End) =>
  end.events.flatMap((event) => (event.kind === 'statistics' ? [event.statistics] : []));

test('reports go every five seconds on the average, never two in less than two', (t) => {
  const [a, b] = pair(0);
  const times: number[] = [];
  a.onRtcp = () => times.push(a.now);
  runBoth([a, b], 300_000);
  const intervals = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  const mean = intervals.reduce((x, y) => x + y, 0) / intervals.length;
  t.true(Math.min(...intervals) >= 2000 && Math.max(...intervals) <= 7500, `${intervals}`);
  t.true(mean > 4000 && mean < 6000, `${mean}`);
});

test('reports tell what was sent and received, and the round trip', (t) => {
  const ends = pair(30);
  runBoth(ends, 30_000);
  const report = readCompound(ends[0].rtcp.at(-1)?.octets ?? new Uint8Array(0));
  const [first] = report?.reports ?? [];
  t.is(first?.ssrc, 1);
  t.is(first?.sender?.octets, (first?.sender?.packets ?? 0) * 160);
  t.like(first?.blocks[0], { ssrc: 2, lost: 0, fractionLost: 0 });
  t.is(report?.names[0]?.cname, 'host1');
  const roundTrip = statisticsOf(ends[0]).at(-1)?.roundTripMs ?? 0;
  t.true(Math.abs(roundTrip - 60) <= 1, `${roundTrip}`);
});

test('who only listens sends receiver reports', (t) => {
  const [a, b] = pair(0);
  a.configure(2, { direction: 'recvonly' });
  runBoth([a, b], 20_000);
  t.is(a.rtp.length, 0);
  const [report] = readCompound(a.rtcp.at(-1)?.octets ?? new Uint8Array(0))?.reports ?? [];
  t.is(report?.sender, undefined);
  t.is(report?.blocks.length, 1);
});

test('at its end a session tells its last statistics, says BYE and closes its ports', (t) => {
  const ends = pair(0);
  runBoth(ends, 500);
  ends[0].session.close();
  t.true(ends[0].closed);
  t.deepEqual(readCompound(ends[0].rtcp.at(-1)?.octets ?? new Uint8Array(0))?.leaving, [1]);
  t.is(statisticsOf(ends[0]).at(-1)?.sent, 25);
});

test('a session that never sent leaves without a word (RFC 3550 6.3.7)', (t) => {
  const end = new End(1);
  end.configure(2, { direction: 'recvonly' });
  end.run(500);
  end.session.close();
  t.is(end.rtcp.length, 0);
});

test('RTCP goes to the address that was negotiated for it', (t) => {
  const end = new End(1);
  end.configure(2, { remoteRtcp: { family: 4, address: '192.0.2.9', port: 5555 } });
  end.run(10_000);
  t.true(end.rtcp.length > 0);
  t.true(end.rtcp.every(({ address, port }) => address === '192.0.2.9' && port === 5555));
});

test('lost packets are counted in the session and reported', (t) => {
  const [a, b] = pair(0);
  let n = 0;
  a.onRtp = ({ octets }) => {
    if (n++ % 10 !== 5) b.receiveRtp(octets, a.address, 4000);
  };
  runBoth([a, b], 20_000);
  const statistics = statisticsOf(b).at(-1);
  t.true(Math.abs((statistics?.lost ?? 0) - 96) <= 5, `${statistics?.lost}`);
  const [report] = readCompound(b.rtcp.at(-1)?.octets ?? new Uint8Array(0))?.reports ?? [];
  t.true(Math.abs((report?.blocks[0]?.fractionLost ?? 0) - 25.6) < 4);
});

test('when media comes from another address, media goes there', (t) => {
  const [a, b] = pair(0);
  b.onRtp = ({ octets }) => a.receiveRtp(octets, '198.51.100.1', 9000);
  runBoth([a, b], 3000);
  t.like(a.rtp.at(-1), { address: '198.51.100.1', port: 9000 });
  t.is(a.rtcp.at(-1)?.address ?? '198.51.100.1', '198.51.100.1');
});

test('nothing is sent to Teredo or to the address that stands for none', (t) => {
  for (const address of ['2001:0:53aa:64c:1:2:3:4', '0.0.0.0', '::']) {
    const end = new End(1);
    end.configure(2, { remote: { family: address.includes(':') ? 6 : 4, address, port: 4000 } });
    end.run(10_000);
    t.is(end.rtp.length + end.rtcp.length, 0, address);
  }
});

test('while skipped frames go by, timestamps go on', (t) => {
  const end = new End(1);
  end.configure(2);
  end.run(100);
  end.session.skip(7);
  end.run(200);
  const timestamps = end.rtp.map(({ octets }) => {
    const header = emptyHeader();
    readRtp(octets, header);
    return header.timestamp / 160;
  });
  t.deepEqual(timestamps, [0, 1, 2, 3, 4, 12, 13, 14, 15, 16]);
});

test('silence of the peer is told every two seconds until it is heard again', (t) => {
  const [a, b] = pair(0);
  runBoth([a, b], 1000);
  a.onRtp = () => {};
  runBoth([a, b], 7500);
  const silences = b.events.flatMap((event) => (event.kind === 'media-silent' ? [event.ms] : []));
  t.deepEqual(silences, [2000, 4000, 6000]);
  a.onRtp = ({ octets }) => b.receiveRtp(octets, a.address, 4000);
  runBoth([a, b], 12_000);
  t.is(b.events.filter(({ kind }) => kind === 'media-silent').length, 3);
});

test('the path is suspected half a second after the last sound, and every two seconds while none comes', (t) => {
  const [a, b] = pair(0);
  const cut = () => {};
  const joined = a.onRtp;
  runBoth([a, b], 1000);
  a.onRtp = cut;
  runBoth([a, b], 6000);
  t.deepEqual(
    b.suspected.splice(0).map(([ms]) => ms),
    [1480, 3480, 5480],
  );
  a.onRtp = joined;
  runBoth([a, b], 7000);
  a.onRtp = cut;
  runBoth([a, b], 7600);
  t.deepEqual(b.suspected, [[7480, a.address]]);
  t.deepEqual(a.suspected, []);
});

test('two gaps within two seconds are one suspicion', (t) => {
  const [a, b] = pair(0);
  const joined = a.onRtp;
  for (const ms of [1000, 2000]) {
    a.onRtp = joined;
    runBoth([a, b], ms);
    a.onRtp = () => {};
    runBoth([a, b], ms + 600);
  }
  t.deepEqual(b.suspected, [[1480, a.address]]);
});

test('no path is suspected before anything was heard, nor where nothing should be heard', (t) => {
  const [a, b] = pair(0);
  a.onRtp = () => {};
  runBoth([a, b], 5000);
  t.deepEqual(b.suspected, []);
  a.onRtp = ({ octets }) => b.receiveRtp(octets, a.address, 4000);
  runBoth([a, b], 6000);
  b.configure(1, { direction: 'sendonly' });
  runBoth([a, b], 9000);
  a.onRtp = () => {};
  b.configure(1);
  runBoth([a, b], 9480);
  t.deepEqual(b.suspected, []);
  runBoth([a, b], 9520);
  t.deepEqual(b.suspected, [[9500, a.address]]);
});

test('who sends from elsewhere than was negotiated is suspected there', (t) => {
  const [a, b] = pair(0);
  b.onRtp = ({ octets }) => a.receiveRtp(octets, '198.51.100.1', 9000);
  runBoth([a, b], 3000);
  b.onRtp = () => {};
  runBoth([a, b], 3600);
  t.deepEqual(
    a.suspected.map(([, address]) => address),
    ['198.51.100.1'],
  );
});

test('the ports know from which address of ours the session sends', (t) => {
  const end = new End(1);
  end.configure(2, { local: '192.0.2.1' });
  t.is(end.from, '192.0.2.1');
  end.configure(2);
  t.is(end.from, undefined);
});

test('statistics come every second', (t) => {
  const ends = pair(0);
  runBoth(ends, 10_050);
  t.is(statisticsOf(ends[0]).length, 10);
});

/** SIP plug and play in time: when it asks, whom it believes, what it hands on. */
import test from 'ava';
import { Pnp, type PnpDoor, type PnpEffect, type PnpInput } from '#provisioning/discovery/pnp.ts';
import { pnpSubscribe } from '#provisioning/discovery/pnp_subscribe.ts';
import { Clock } from '../../support/clock.ts';
import { IDENTITY } from '../identity_here.ts';

const EXPECTED = `SUBSCRIBE sip:MAC%3ADCA632010203@224.0.1.75 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bK6c1f0a77;rport
Max-Forwards: 1
From: <sip:MAC%3ADCA632010203@224.0.1.75>;tag=5f2d91
To: <sip:MAC%3ADCA632010203@224.0.1.75>
Call-ID: b1c0de-0001@192.0.2.50
CSeq: 1 SUBSCRIBE
Contact: <sip:MAC%3ADCA632010203@192.0.2.50:5060>;+sip.instance="<urn:uuid:00000000-0000-1000-8000-dca632010203>"
Event: ua-profile;profile-type="device";vendor="dualtone.example";model="Pi-Desk";version="1.0.0"
Accept: application/url
Expires: 0
User-Agent: Dualtone Pi-Desk 1.0.0 dc:a6:32:01:02:03
Content-Length: 0

`.replaceAll('\n', '\r\n');

const ETH0: PnpDoor = { interface: 'eth0', address: '192.0.2.50', port: 5060 };
const WLAN0: PnpDoor = { interface: 'wlan0', address: '198.51.100.7', port: 40_000 };
const SERVER = { address: '192.0.2.10', port: 1036 };

function stand() {
  const clock = new Clock(0);
  let count = 0;
  const pnp = new Pnp({
    identity: IDENTITY,
    random: () => (++count).toString(16).padStart(16, 'a'),
  });
  const effects: PnpEffect[] = [];
  const times: [seconds: number, door: string][] = [];
  const give = clock.drive<PnpInput, PnpEffect>(pnp, (effect) => {
    effects.push(effect);
    if (effect.kind === 'send' && effect.to.port === 5060) times.push([clock.now / 1000, effect.interface]);
  });
  const of = <K extends PnpEffect['kind']>(kind: K) =>
    effects.filter((effect): effect is Extract<PnpEffect, { kind: K }> => effect.kind === kind);
  const asked = () =>
    Buffer.from(of('send').findLast(({ to }) => to.port === 5060)?.octets ?? []).toString('latin1');
  const callId = () => /^Call-ID: (.*)\r$/m.exec(asked())?.[1] ?? '';
  const notify = (body: string, from = SERVER, id = callId(), door = 'eth0') =>
    give({
      kind: 'received',
      interface: door,
      from,
      octets: Buffer.from(`NOTIFY sip:x SIP/2.0\r\nCall-ID: ${id}\r\n\r\n${body}`, 'latin1'),
    });
  return { clock, pnp, give, of, times, notify, callId };
}

test('the SUBSCRIBE has the octets that servers count', (t) => {
  const parts = { branch: '6c1f0a77', tag: '5f2d91', callId: 'b1c0de-0001@192.0.2.50' };
  const octets = pnpSubscribe({ identity: IDENTITY, local: ETH0, ...parts });
  t.is(Buffer.from(octets).toString('latin1'), EXPECTED);
  t.is(Buffer.from(octets).toString('latin1', 20, 32), 'DCA632010203');
  const event = /^Event: (.*)\r$/m.exec(EXPECTED)?.[1]?.split(';') ?? [];
  t.deepEqual(event.slice(3), ['model="Pi-Desk"', 'version="1.0.0"']);
});

test('a name with quotes in it stays inside its own', (t) => {
  const identity = { ...IDENTITY, model: 'Pi";x="\r\nEvil: 1' };
  const octets = pnpSubscribe({ identity, local: ETH0, branch: 'a', tag: 'b', callId: 'c' });
  t.regex(Buffer.from(octets).toString('latin1'), /model="Pix=Evil: 1";version="1\.0\.0"\r\n/);
});

test('asks at 0, 1, 3, 6 and 10 s with the same octets, then every hour with new ones', (t) => {
  const { clock, give, times, of, callId } = stand();
  give({ kind: 'doors', doors: [ETH0] });
  const first = callId();
  clock.run(11_000);
  t.is(new Set(of('send').map(({ octets }) => Buffer.from(octets).toString())).size, 1);
  clock.run(2 * 3_600_000);
  const hour = [0, 1, 3, 6, 10];
  t.deepEqual(
    times.map(([at]) => at),
    [...hour, ...hour.map((at) => 3600 + at), ...hour.map((at) => 7200 + at)],
  );
  t.not(callId(), first);
});

test('each interface asks for itself, and one that comes later at once', (t) => {
  const { clock, give, times, of } = stand();
  give({ kind: 'doors', doors: [ETH0] });
  clock.run(500);
  give({ kind: 'doors', doors: [ETH0, WLAN0] });
  clock.run(600);
  give({ kind: 'doors', doors: [WLAN0] });
  clock.run(60_000);
  t.deepEqual(
    times.filter(([, door]) => door === 'eth0').map(([at]) => at),
    [0, 1],
  );
  t.deepEqual(
    times.filter(([, door]) => door === 'wlan0').map(([at]) => at),
    [0.5, 1.5, 3.5, 6.5, 10.5],
  );
  t.regex(Buffer.from(of('send').at(-1)?.octets ?? []).toString(), /^Contact: .*@198\.51\.100\.7:40000>/m);
});

test('an address that changes is a new socket, and asks anew', (t) => {
  const { give, times } = stand();
  give({ kind: 'doors', doors: [ETH0] });
  give({ kind: 'doors', doors: [{ ...ETH0, address: '192.0.2.51', port: 5061 }] });
  t.is(times.length, 2);
});

test('all who answer within two seconds become candidates, and each gets its 200', (t) => {
  const { clock, give, of, notify, times } = stand();
  give({ kind: 'doors', doors: [ETH0] });
  clock.run(200);
  notify('http://192.0.2.10/{mac}.cfg');
  clock.run(1_500);
  notify('https://pbx.example/p/', { address: '192.0.2.11', port: 5062 });
  notify('http://192.0.2.10/{mac}.cfg');
  t.is(of('candidates').length, 0);
  clock.run(500);
  t.deepEqual(
    of('candidates').flatMap(({ candidates }) => candidates),
    [
      {
        step: 'pnp',
        url: 'http://192.0.2.10/{mac}.cfg',
        family: 4,
        from: 'SIP plug and play from 192.0.2.10 on eth0',
        order: 0,
      },
      {
        step: 'pnp',
        url: 'https://pbx.example/p/',
        family: 4,
        from: 'SIP plug and play from 192.0.2.11 on eth0',
        order: 1,
      },
    ],
  );
  t.deepEqual(
    of('send')
      .filter(({ to }) => to.port !== 5060)
      .map(({ to }) => to),
    [SERVER, { address: '192.0.2.11', port: 5062 }, SERVER],
  );
  clock.run(60_000);
  t.is(times.length, 2, 'asked once more while collecting, for who has not heard, then no more');
});

test('one who comes after the others is handed on with them once more', (t) => {
  const { clock, give, of, notify } = stand();
  give({ kind: 'doors', doors: [ETH0] });
  notify('http://192.0.2.10/a');
  clock.run(5_000);
  notify('http://192.0.2.11/b');
  clock.run(5_000);
  t.deepEqual(
    of('candidates').map(({ candidates }) => candidates.map(({ url }) => url)),
    [['http://192.0.2.10/a'], ['http://192.0.2.10/a', 'http://192.0.2.11/b']],
  );
});

test('who answers on one interface does not take the place of who answered on another', (t) => {
  const { clock, give, of, notify, callId } = stand();
  give({ kind: 'doors', doors: [ETH0] });
  notify('http://192.0.2.10/a');
  clock.run(3_000);
  give({ kind: 'doors', doors: [ETH0, WLAN0] });
  notify('http://198.51.100.10/b', SERVER, callId(), 'wlan0');
  clock.run(3_000);
  t.deepEqual(
    of('candidates')
      .at(-1)
      ?.candidates.map(({ url, from }) => [url, from.split(' on ')[1]]),
    [
      ['http://192.0.2.10/a', 'eth0'],
      ['http://198.51.100.10/b', 'wlan0'],
    ],
  );
});

test('a telephone with a configuration neither asks nor listens; without one again it asks at once', (t) => {
  const { clock, pnp, give, of, notify, times } = stand();
  give({ kind: 'claimed', claimed: true });
  give({ kind: 'doors', doors: [ETH0] });
  clock.run(10_000_000);
  t.is(pnp.deadline, Number.POSITIVE_INFINITY);
  t.deepEqual(times, []);
  notify('http://192.0.2.10/', SERVER, '');
  t.is(of('dropped').length, 1);
  give({ kind: 'claimed', claimed: false });
  t.is(times.length, 1);
  notify('http://192.0.2.10/');
  give({ kind: 'claimed', claimed: true });
  clock.run(10_000_000);
  t.deepEqual(of('candidates'), []);
});

test('strangers are counted and get no answer', (t) => {
  const { give, of, notify } = stand();
  give({ kind: 'doors', doors: [ETH0] });
  notify('http://evil/', SERVER, 'guessed@192.0.2.50');
  notify('no url');
  notify('http://evil/', SERVER, 'x', 'usb0');
  t.deepEqual(
    of('dropped').map(({ why }) => why),
    ['other Call-ID', 'no URL', 'other Call-ID'],
  );
  t.is(of('send').length, 1);
});

test('of a thousand answers four of one server are kept and sixteen in all, the rest is counted', (t) => {
  const { clock, give, of, notify } = stand();
  give({ kind: 'doors', doors: [ETH0] });
  for (let i = 0; i < 10; i += 1) notify(`http://192.0.2.66/${i}`, { address: '192.0.2.66', port: 9 });
  for (let i = 0; i < 1000; i += 1) notify(`http://h${i}/`, { address: `198.51.100.${i % 200}`, port: 9 });
  clock.run(3_000);
  const urls = of('candidates').flatMap(({ candidates }) => candidates.map(({ url }) => url));
  t.is(urls.length, 16);
  t.is(urls.filter((url) => url.includes('192.0.2.66')).length, 4);
  t.is(of('dropped').length, 1010 - 16);
  t.is(of('send').filter(({ to }) => to.port === 9).length, 64);
});

test('a machine that slept for hours sends one message, not all that were missed', (t) => {
  const { pnp } = stand();
  pnp.handle({ kind: 'doors', doors: [ETH0] }, 0);
  t.is(pnp.handle({ kind: 'tick' }, 100_000_000).length, 1);
  t.true(pnp.deadline > 100_000_000);
});

/** An adapter for an analog telephone: dial and keys, flash, ring, caller ID, ring trip. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { wavHeader } from '#media/wav.ts';
import {
  description,
  expect,
  receive,
  registrar,
  request,
  respond,
  scenario,
} from '../interop/scenarios/steps.ts';
import { sine } from '../support/goertzel.ts';
import { scratch } from '../support/phone_process.ts';
import { Adapter } from './adapter.ts';
import { followsCadence, stepsOf } from './cadence.ts';
import { accountAt, FarEnd } from './far_end.ts';
import { RATE } from './inside/sound.ts';
import { builtKernel } from './kernel.ts';
import { ringTrip } from './latency.ts';

const LIMIT = 110_000;
const kernel = builtKernel();
const US = { ring: [2000, 4000], hertz: 20, flash: 500 } as const;
/** Hz of a key's row and column (ITU-T Q.23). */
const KEYS = { '2': [697, 1336], '7': [852, 1209], '#': [941, 1477] } as const;

const reinvited = (direction: string) => [
  receive('INVITE'),
  respond('200 OK', { sdp: description(direction), inDialog: true, retransmit: true }),
  receive('ACK'),
];
const CALLED = registrar(
  receive('INVITE'),
  respond('180 Ringing'),
  respond('200 OK', { sdp: description(), retransmit: true }),
  receive('ACK'),
  ...reinvited('recvonly'),
  ...reinvited('sendrecv'),
  receive('BYE'),
  respond('200 OK', { inDialog: true }),
);
const CALLING = scenario(
  request('INVITE', { sdp: description(), retransmit: true }),
  expect(100, { optional: true }),
  expect(180),
  expect(200, { routes: true }),
  request('ACK', { inDialog: true }),
  receive('BYE'),
  respond('200 OK', { inDialog: true }),
).replaceAll('From: SIPp <sip:sipp@', 'From: "Alice Smith" <sip:5551234@');

/** Keys as a telephone sends them: 120 ms each, and as much silence. */
function keys(text: readonly (keyof typeof KEYS)[]): Int16Array {
  const pause = sine(100, 120, 0, RATE);
  const parts = text.flatMap((key) => {
    const [low, high] = KEYS[key].map((hz) => sine(hz, 120, 5000, RATE));
    return [Int16Array.from(low ?? [], (sample, at) => sample + (high?.[at] ?? 0)), pause];
  });
  return Int16Array.from([pause, ...parts, pause, pause].flatMap((part) => [...part]));
}

/** What an independent decoder reads of caller ID by Bell 202. */
function decoded(samples: Int16Array): string {
  const file = join(scratch('caller-id'), 'line.wav');
  const octets = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  writeFileSync(file, Buffer.concat([wavHeader(samples.length, RATE), octets]));
  const { stdout, stderr } = spawnSync('minimodem', ['--rx', 'callerid', '--file', file], {
    encoding: 'utf8',
  });
  return stdout === '' ? stderr : stdout;
}

async function calls(t: ExecutionContext, adapter: Adapter): Promise<void> {
  const { phone } = adapter;
  const lifted = await adapter.lift();
  const tone = await phone.soundSince(lifted);
  t.log('hook edge to dial tone, ms:', Math.round(tone - lifted));
  // Until as much of it has been recorded.
  await sleep(600);
  const level = (await phone.heard()).strongest(350, tone, tone + 400);
  t.true(level > -20, `${level} dBm0`);
  await adapter.dial(2);
  await phone.showing(/^2 *$/m);
  await phone.say(keys(['7', '2', '#']));
  await phone.showing(/Talking\s+\S+\s+272@/);
  await adapter.flash(US.flash);
  t.log(await phone.showing(/On hold/));
  await adapter.flash(US.flash);
  await phone.showing(/Talking/);
  await adapter.putDown();
  await phone.showing(/Registered/);
}

async function isCalled(t: ExecutionContext, adapter: Adapter, far: FarEnd): Promise<void> {
  const { phone } = adapter;
  await adapter.watch();
  const target = { target: `[${FarEnd.guest}]:5060`, user: '204' };
  const caller = await far.sipp({ scenario: CALLING, port: 5070, ...target });
  const first = await adapter.burst(1);
  const second = await adapter.burst(2);
  await sleep(600);
  const answered = await adapter.lift();
  await phone.showing(/Talking/);
  const changes = await adapter.watched();
  followsCadence(t, stepsOf(changes, 'rm').slice(0, 2), US.ring);
  const periods = changes.filter(({ name, text, at }) => name === 'period' && text !== '' && at < answered);
  t.is(Number(periods.at(-1)?.text), 1e9 / US.hertz);
  const trip = ringTrip(changes, answered);
  t.log('ring trip, ms:', Math.round(trip));
  t.true(trip > 0 && trip < 300, `${trip}`);
  const text = decoded((await phone.heard()).between(first + US.ring[0], second));
  t.log(text);
  t.regex(text, /5551234/);
  t.regex(text, /Alice Smith/);
  await adapter.putDown();
  await phone.showing(/Registered/);
  t.is(await caller.exit(5000), 0, caller.output);
}

const TITLE = 'an analog telephone dials by pulses and keys, flashes, rings, is told who calls and answers';
if (kernel === undefined) {
  test.skip(`${TITLE} (needs the guest's kernel: npm run device-lab)`, (t) => t.fail());
} else {
  test(TITLE, async (t) => {
    t.timeout(LIMIT + 10_000);
    const far = await FarEnd.open(t);
    const server = await far.sipp({ scenario: CALLED, port: 5060, calls: 2 });
    const config = accountAt('US');
    const adapter = await Adapter.start({ kernel, limit: LIMIT, config, card: true, network: far.network });
    t.teardown(() => adapter.phone.puppet.guest.stop());
    await adapter.phone.listen();
    await adapter.phone.showing(/Registered/);
    await calls(t, adapter);
    t.is(await server.exit(5000), 0, server.output);
    await far.sipp({ scenario: CALLED, port: 5060, calls: 100 });
    await isCalled(t, adapter, far);
    t.is(await adapter.phone.end(), 0);
  });
}

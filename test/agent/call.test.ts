/** Two phones, each a process of its own, call each other over loopback, as persons would have them do. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { frequencyOf, readWavSamples, span } from '../support/goertzel.ts';
import { PhoneProcess, scratch } from '../support/phone_process.ts';
import { toneIn } from '../support/wav_tone.ts';

const ALICE = 15_300;
const BOB = 15_310;

let alice: PhoneProcess;
let bob: PhoneProcess;

test.before(async () => {
  const directory = scratch('call');
  [alice, bob] = await Promise.all([
    PhoneProcess.start(join(directory, 'alice'), { net: { sipPort: ALICE, rtpPorts: '18300-18319' } }),
    PhoneProcess.start(join(directory, 'bob'), { net: { sipPort: BOB, rtpPorts: '18320-18339' } }),
  ]);
});

test.after.always(async () => {
  await Promise.all([alice?.stop(), bob?.stop()]);
});

const WAYS = [
  { transport: 'udp', family: 'ipv4', host: '127.0.0.1' },
  { transport: 'udp', family: 'ipv6', host: '[::1]' },
  { transport: 'tcp', family: 'ipv4', host: '127.0.0.1' },
  { transport: 'tcp', family: 'ipv6', host: '[::1]' },
] as const;

for (const { transport, family, host } of WAYS) {
  test.serial(`dial, ring, answer, hear a tone, hang up: ${transport} over ${family}`, async (t) => {
    t.is((await alice.verb('dial', `sip:bob@${host}:${BOB};transport=${transport}`)).code, 0);
    const ringing = await bob.call('ringing');
    t.is(ringing.direction, 'in');
    t.regex((await bob.verb('leds')).output, /bell: rings/);
    await alice.call('ringing');
    t.is((await bob.verb('answer')).code, 0);
    for (const phone of [alice, bob]) {
      const call = await phone.call('talking');
      t.deepEqual(call.signalling, { family, transport });
      t.is(call.media?.family, family);
    }
    await sleep(1_300);
    t.is((await alice.verb('hangup')).code, 0);
    await bob.call('ended');
    await alice.call('ended');
    t.regex((await bob.verb('leds')).output, /bell: off/);
    const tone = toneIn(bob.heard, 440);
    t.true(tone.seconds > 1, JSON.stringify(tone));
    const { samples, rate } = readWavSamples(bob.heard);
    const middle = span(samples, 400, 1_100, rate);
    t.true(Math.abs(frequencyOf(middle, rate) - 440) < 3, `${frequencyOf(middle, rate)} Hz`);
  });
}

test.serial('a call that is rejected tells whoever waits for it', async (t) => {
  const waiting = alice.verb('dial', `sip:bob@127.0.0.1:${BOB}`, '--wait');
  await bob.call('ringing');
  await bob.verb('hangup');
  const { code, output } = await waiting;
  t.is(code, 1);
  t.regex(output, /the call failed: .*486/);
});

test.serial('a call to where nobody listens fails at once over TCP', async (t) => {
  const { code, output } = await alice.verb('dial', 'sip:nobody@127.0.0.1:15399;transport=tcp', '--wait');
  t.is(code, 1);
  t.regex(output, /ECONNREFUSED/);
});

test.serial('the trace shows the call and the metrics count it', async (t) => {
  const trace = await alice.verb('trace');
  t.regex(trace.output, /INVITE sip:bob@127\.0\.0\.1:15310/);
  t.regex(trace.output, /SIP\/2\.0 486/);
  t.regex((await alice.verb('metrics')).output, /^dualtone_calls_total\{direction="out"\} 6$/m);
  t.regex((await bob.verb('metrics')).output, /^dualtone_calls 0$/m);
});

test.serial('the handset works: lift, dial with keys, hang up', async (t) => {
  await alice.verb('hook', 'off');
  await alice.verb('press', `*47127*0*0*1*${BOB}#`);
  await bob.call('ringing');
  t.regex((await alice.call('ringing')).peer, /127\.0\.0\.1/);
  await alice.verb('hook', 'on');
  await Promise.all([alice.call('ended'), bob.call('ended')]);
});

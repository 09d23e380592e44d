/** Whole stories of an analog telephone on its line. */
import test from 'ava';
import { callerIdSchemeOf } from '#hal/parts/caller_id_procedure.ts';
import { callerIdSound } from '#media/caller_id.ts';
import { DtmfDetector } from '#media/dtmf_detector.ts';
import { tonesOf } from '#media/tones_by_country.ts';
import { Adapter } from '../support/adapter.ts';
import { FLOW, peerOffer } from '../support/desk.ts';
import { dbm0At } from '../support/goertzel.ts';
import { frames, soundOf } from '../support/keys.ts';
import { seededRandom } from '../support/mutate.ts';
import { noise, speech } from '../support/speech.ts';

const COUNTRIES = ['US', 'GB', 'DE', 'SE', 'AU'];
const CALLER = { number: '2025550123', name: 'Bob' };
const TIME = { month: 11, day: 20, hour: 4, minute: 34 };

function incoming(adapter: Adapter, uri = 'sip:2025550123@example.test', name = 'Bob'): void {
  const to = { name: '', uri: 'sip:alice@example.test' };
  const call = { kind: 'incoming', call: 'in-1', account: 'a', flow: FLOW, offer: peerOffer() } as const;
  adapter.desk.sip({ ...call, from: { name, uri }, to });
}

function answered(adapter: Adapter): void {
  adapter.desk.sip({ kind: 'describe', call: 'in-1', flow: FLOW, remote: peerOffer() });
  adapter.desk.sip({ kind: 'established', call: 'in-1', flow: FLOW });
}

/** The last thing that the line did. */
const felt = (adapter: Adapter) => adapter.telephone.heard.map(({ what }) => what);

/** Where a sound begins in another one; -1: nowhere. */
function found(sound: Int16Array, within: readonly number[]): number {
  for (let at = 0; at + sound.length <= within.length; at++)
    if (sound[1] === within[at + 1] && sound.every((value, i) => value === within[at + i])) return at;
  return -1;
}

for (const country of COUNTRIES)
  test(`${country}: told who calls, answered, held by a flash, left by the far end`, (t) => {
    const adapter = new Adapter(country);
    const { desk, telephone } = adapter;
    incoming(adapter);
    adapter.run(8000);
    const scheme = callerIdSchemeOf(country);
    t.truthy(scheme);
    if (scheme) t.true(found(callerIdSound(scheme, country, CALLER, TIME), adapter.heard) >= 0, 'it is told');
    t.true(felt(adapter).includes('ring'));
    telephone.lift();
    adapter.run(300);
    t.is(desk.phone.state, 'talking');
    t.is(
      felt(adapter).filter((what) => what === 'ring').length,
      felt(adapter).filter((what) => what === 'quiet').length,
    );
    answered(adapter);
    adapter.run(2000);
    telephone.flash(country === 'US' ? 600 : 100);
    adapter.run(2000);
    t.is(desk.phone.state, 'holding');
    telephone.flash(country === 'US' ? 600 : 100);
    adapter.run(2000);
    t.is(desk.phone.state, 'talking');
    desk.ended('in-1');
    adapter.run(3000);
    t.deepEqual(felt(adapter).slice(-2), ['dead', 'alive']);
    t.is(desk.phone.state, 'busy');
    telephone.putDown();
    adapter.run(3000);
    t.is(desk.phone.state, 'idle');
    t.deepEqual(adapter.keys, []);
  });

test('nobody is told the number of who withholds it', (t) => {
  const adapter = new Adapter('US');
  incoming(adapter, 'sip:anonymous@anonymous.invalid', 'Anonymous');
  adapter.run(6000);
  t.true(found(callerIdSound('bellcore', 'US', { withheld: true }, TIME), adapter.heard) >= 0);
});

test('a number is dialled by tones, through the dial tone and its echo, and nothing of it is sent as sound', (t) => {
  for (const country of COUNTRIES) {
    const adapter = new Adapter(country);
    adapter.telephone.lift();
    adapter.run(500);
    t.is(adapter.desk.phone.state, 'dial-tone');
    const hz = tonesOf(country).dial.loop[0]?.hz[0] ?? 0;
    t.true(dbm0At(Int16Array.from(adapter.heard.slice(-1600)), hz) > -16, 'the dial tone is heard');
    adapter.say(
      soundOf(['1', '2', '2', '3', '#'], seededRandom(61), { on: 70, off: 70, level: -12, overNoise: 25 }),
    );
    adapter.run(1500);
    t.is(adapter.keys.join(''), '1223#', country);
    t.regex(adapter.desk.commands('call')[0]?.to ?? '', /1223/);
    const far = new DtmfDetector();
    const left = Int16Array.from(adapter.left);
    t.deepEqual(
      [...frames(left)].flatMap((frame) => [...far.read(frame)]),
      [],
    );
  }
});

test('a number is dialled by pulses at ten and twenty a second', (t) => {
  for (const country of COUNTRIES)
    for (const rate of [10, 20]) {
      const adapter = new Adapter(country);
      adapter.telephone.lift();
      adapter.run(700);
      for (const digit of [4, 1, 9]) {
        const pulses = country === 'SE' ? digit + 1 : digit;
        adapter.run(adapter.telephone.dial(pulses, rate) + 800);
      }
      t.is(adapter.keys.join(''), '419', `${country}, ${rate} a second`);
      adapter.run(20_000);
      t.regex(adapter.desk.commands('call')[0]?.to ?? '', /419/);
    }
});

test('keys in a call go to the far end once, as events', (t) => {
  const adapter = new Adapter('NL');
  incoming(adapter);
  adapter.run(100);
  adapter.telephone.lift();
  adapter.run(300);
  answered(adapter);
  adapter.say(soundOf(['4', '4', '*'], seededRandom(62), { on: 90, off: 90 }));
  adapter.run(2000);
  t.deepEqual(
    adapter.desk.engine('dtmf').map(({ key }) => key),
    ['4', '4', '*'],
  );
});

test('a minute of talk and a crackling line press nothing and hang nothing up', (t) => {
  const adapter = new Adapter('GB');
  incoming(adapter);
  adapter.run(100);
  adapter.telephone.lift();
  adapter.run(300);
  answered(adapter);
  const random = seededRandom(63);
  const words = speech(random, 60);
  const hiss = noise(random, words.length, -35);
  adapter.say(words.map((value, i) => value + (hiss[i] ?? 0)));
  for (let second = 0; second < 60; second++) {
    // Shorter than anything that a telephone means.
    adapter.telephone.flash(2 + 8 * random());
    adapter.run(1000);
  }
  t.is(adapter.desk.phone.state, 'talking');
  t.deepEqual(adapter.keys, []);
  t.deepEqual(adapter.desk.engine('dtmf'), []);
});

test('a handset that lies beside the telephone hears the howler, and rests when it is put down', (t) => {
  const adapter = new Adapter('US');
  adapter.telephone.lift();
  adapter.run(120_000);
  t.is(adapter.desk.phone.state, 'howler');
  const howl = Int16Array.from(adapter.heard.slice(-1600));
  for (const hz of [1400, 2060, 2450, 2600]) t.true(dbm0At(howl, hz) > -16);
  adapter.telephone.putDown();
  adapter.run(3000);
  t.is(adapter.desk.phone.state, 'idle');
  const heard = adapter.heard.length;
  adapter.run(5000);
  t.is(adapter.heard.length, heard, 'and is silent');
});

test('the line is turned over while a call that we made is answered', (t) => {
  const adapter = new Adapter('US');
  const { desk, telephone } = adapter;
  telephone.lift();
  adapter.run(500);
  adapter.say(soundOf(['1', '2', '3', '#'], seededRandom(64), { on: 70, off: 70 }));
  adapter.run(1500);
  const call = desk.commands('call').at(-1)?.call ?? '';
  desk.sip({ kind: 'describe', call, flow: FLOW });
  desk.progress(call, 180);
  adapter.run(2000);
  t.deepEqual(felt(adapter), []);
  desk.answered(call);
  adapter.run(2000);
  t.deepEqual(felt(adapter), ['reversed']);
  t.is(desk.phone.state, 'talking');
  telephone.putDown();
  adapter.run(3000);
  t.deepEqual(felt(adapter), ['reversed', 'normal']);
});

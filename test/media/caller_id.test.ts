/** Messages octet for octet; their sound heard by a decoder that is not ours, minimodem. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import { CAS, callerIdSound, callWaitingSound, keysOf } from '#media/caller_id.ts';
import { callerIdMessage, messageWaiting } from '#media/caller_id_message.ts';
import { DtmfDetector } from '#media/dtmf_detector.ts';
import { BELL_202, type FskModem, fskOf, OFF_HOOK, ON_HOOK, V23 } from '#media/fsk.ts';
import { levelOf } from '#media/level.ts';
import { ToneGenerator } from '#media/tone.ts';
import type { CallerIdentity } from '#media/types.ts';
import { wavHeader } from '#media/wav.ts';
import { readCallerId } from '../support/caller_id_reader.ts';
import { dbm0At, span } from '../support/goertzel.ts';
import { frames } from '../support/keys.ts';
import { mutations, seededRandom } from '../support/mutate.ts';
import { needing } from '../support/needs.ts';
import { noise } from '../support/speech.ts';

const TIME = { month: 11, day: 20, hour: 4, minute: 34 };
const ALICE = { number: '2025550123', name: 'ALICE' };

function hex(octets: Uint8Array): string {
  return Buffer.from(octets)
    .toString('hex')
    .replace(/..(?!$)/g, '$& ');
}

test('the messages are those of the standards, octet for octet', (t) => {
  t.is(
    hex(callerIdMessage('multiple', ALICE, TIME)),
    '80 1d 01 08 31 31 32 30 30 34 33 34 02 0a 32 30 32 35 35 35 30 31 32 33 07 05 41 4c 49 43 45 5c',
  );
  t.is(
    hex(callerIdMessage('etsi', { number: '0301234567' }, TIME)),
    '80 19 11 01 01 01 08 31 31 32 30 30 34 33 34 02 0a 30 33 30 31 32 33 34 35 36 37 b1',
  );
  t.is(hex(messageWaiting(true)), '82 03 0b 01 ff 70');
  t.is(hex(messageWaiting(false)), '82 03 0b 01 00 6f');
  t.is(
    hex(callerIdMessage('single', { number: '2025550123' }, TIME)),
    '04 12 31 31 32 30 30 34 33 34 32 30 32 35 35 35 30 31 32 33 62',
  );
});

test('who withholds his number is P, whose number is not known O; nothing of a withheld caller is told', (t) => {
  const withheld = { ...ALICE, withheld: true };
  for (const form of ['single', 'multiple', 'etsi'] as const) {
    const octets = callerIdMessage(form, withheld, TIME);
    const text = Buffer.from(octets).toString('latin1');
    t.false(text.includes('202555') || text.includes('ALICE'));
    t.like(readCallerId(octets), { absent: 'P', number: undefined, name: undefined });
    t.like(readCallerId(callerIdMessage(form, {}, TIME)), { absent: 'O', number: undefined });
  }
});

test('whatever callers are called, the message is sound and can be read back', (t) => {
  const caller = fc.record(
    {
      number: fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9*#]{0,40}$/)),
      name: fc.string({ unit: 'binary', maxLength: 60 }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(caller, fc.constantFrom('single', 'multiple', 'etsi'), (who, form) => {
      const octets = callerIdMessage(form, who as CallerIdentity, TIME);
      const read = readCallerId(octets);
      const digits = (who.number ?? '').replace(/[^0-9*#]/g, '').slice(0, 20);
      return (
        octets.length <= 60 &&
        read?.time === '11200434' &&
        (read.number ?? '') === digits &&
        (read.name ?? '').length <= 15
      );
    }),
    { numRuns: 5000 },
  );
  t.is(
    readCallerId(
      callerIdMessage('multiple', { number: '+31 (0)20-123', name: 'Zoë Müller-Lüdenscheid' }, TIME),
    )?.name,
    'Zoe Muller-Lude',
  );
});

test('100 000 damaged messages are not taken for whole, or are sound', (t) => {
  const seeds = [
    callerIdMessage('multiple', ALICE, TIME),
    callerIdMessage('etsi', ALICE, TIME),
    messageWaiting(true),
  ];
  let whole = 0;
  for (const octets of mutations(seeds, 100_000, 21)) if (readCallerId(octets) !== undefined) whole++;
  t.true(whole < 20_000);
});

/** What minimodem hears in the sound. */
async function decoded(samples: Int16Array, { mark, space }: FskModem): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'dualtone-'));
  try {
    const file = join(folder, 'sound.wav');
    // Silence around it, as on a line.
    const quiet = Buffer.alloc(8000);
    const sound = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
    writeFileSync(file, Buffer.concat([wavHeader(samples.length + 8000), quiet, sound, quiet]));
    const options = [
      '--rx',
      '--quiet',
      '--startbits',
      '1',
      '--stopbits',
      '1',
      '-M',
      `${mark}`,
      '-S',
      `${space}`,
    ];
    const { stdout } = await promisify(execFile)('minimodem', [...options, '-f', file, '1200'], {
      encoding: 'buffer',
    });
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const heard = needing('minimodem');

for (const [name, modem] of [
  ['Bell 202', BELL_202],
  ['V.23', V23],
] as const) {
  heard(`minimodem reads ${name}, on the hook and in a call, octet for octet`, async (t) => {
    for (const form of ['single', 'multiple', 'etsi'] as const)
      for (const preamble of [ON_HOOK, OFF_HOOK]) {
        const message = callerIdMessage(form, ALICE, TIME);
        const octets = await decoded(fskOf(modem, preamble, message), modem);
        // What it makes of the channel seizure comes before.
        t.true(octets.includes(Buffer.from(message)), `${form}: ${octets.toString('hex')}`);
      }
  });

  heard(`minimodem reads ${name} in the noise of a bad line`, async (t) => {
    const message = callerIdMessage('multiple', ALICE, TIME);
    const sound = fskOf(modem, ON_HOOK, message);
    const hiss = noise(seededRandom(22), sound.length, -33);
    const noisy = sound.map((value, index) => value + (hiss[index] ?? 0));
    t.true((await decoded(noisy, modem)).includes(Buffer.from(message)));
  });
}

heard('minimodem reads the whole sound of each scheme, alert and all', async (t) => {
  for (const scheme of ['bellcore', 'etsi-between-rings', 'etsi-dtas', 'sin227'] as const) {
    const modem = scheme === 'bellcore' ? BELL_202 : V23;
    const octets = await decoded(callerIdSound(scheme, 'GB', ALICE, TIME), modem);
    const message = Buffer.from(callerIdMessage(scheme === 'bellcore' ? 'multiple' : 'etsi', ALICE, TIME));
    t.true(octets.includes(message), scheme);
    const waiting = callWaitingSound(scheme, ALICE, TIME);
    t.true(waiting !== undefined && (await decoded(waiting, modem)).includes(message), scheme);
  }
});

test('300 bits of channel seizure, 180 of mark, then the message, at 13.5 dB below the reference', (t) => {
  const message = callerIdMessage('multiple', ALICE, TIME);
  const sound = fskOf(BELL_202, ON_HOOK, message);
  const ms = ((300 + 180 + 10 * message.length + 10) / 1200) * 1000;
  t.true(Math.abs(sound.length / 8 - ms) < 1);
  t.true(Math.abs(levelOf(sound) + 13.5) < 0.2);
  const mark = span(sound, 255, 395);
  t.true(dbm0At(mark, 1200) > -14 && dbm0At(mark, 2200) < -45);
  // No sample jumps by more than the higher frequency can.
  const steepest = sound.reduce((most, value, i) => Math.max(most, Math.abs(value - (sound[i - 1] ?? 0))), 0);
  t.true(steepest <= Math.ceil(5180 * 2 * Math.sin((Math.PI * 2200) / 8000)) + 2, `${steepest}`);
});

test('the alerting tones are 2130 and 2750 Hz, for 100 ms on the hook and 80 in a call', (t) => {
  const dtas = callerIdSound('sin227', 'GB', ALICE, TIME);
  const cas = new Int16Array(1600);
  new ToneGenerator(CAS).addTo(cas);
  for (const [samples, ms] of [
    [dtas, 100],
    [cas, 80],
  ] as const) {
    for (const hz of [2130, 2750]) t.true(Math.abs(dbm0At(span(samples, 0, ms), hz) + 14) < 0.7);
    t.true(
      span(samples, ms + 1, ms + 45).every((value) => value === 0),
      'at least 45 ms of silence',
    );
  }
});

test('keys are framed as each country has it, and heard so', (t) => {
  const number = { number: '+45 12345678' };
  for (const [country, framed, withheld] of [
    ['DK', '4512345678#', 'D1#'],
    ['nl', '4512345678#', 'D1#'],
    ['SE', 'A4512345678C', 'B10C'],
    ['BR', 'A4512345678C', 'B10C'],
    ['TW', 'D4512345678C', 'D10C'],
    ['constructor', 'A4512345678C', 'B10C'],
  ] as const) {
    t.is(keysOf(country, number), framed);
    t.is(keysOf(country, { ...number, withheld: true }), withheld);
    const detector = new DtmfDetector();
    const sound = callerIdSound('dtmf', country, number, TIME);
    const keys = [...frames(sound, 80)].flatMap((frame) =>
      detector.read(frame).flatMap((event) => (event.kind === 'down' ? [event.key] : [])),
    );
    t.is(keys.join(''), framed);
  }
  t.is(keysOf('SE', { number: 'alice' }), 'B00C');
  t.is(callWaitingSound('dtmf', number, TIME), undefined);
});

import test from 'ava';
import fc from 'fast-check';
import { ntpQuestion, readNtpAnswer } from '#fleet/ntp_packet.ts';
import { mutations } from '../support/mutate.ts';

const NONCE = Buffer.from('0102030405060708', 'hex');
const SENT = Date.UTC(2026, 10, 20);
const EPOCH = 2_208_988_800;

/** An answer of a server whose clock is `ahead` ms ahead, `way` ms away, and who thinks for `think` ms. */
function answer(ahead: number, way = 10, think = 2, change: (packet: Buffer) => void = () => {}): Buffer {
  const packet = Buffer.alloc(48);
  packet[0] = (4 << 3) | 4;
  packet[1] = 2;
  packet.set(NONCE, 24);
  const stamp = (at: number, ms: number): void => {
    const seconds = Math.floor(ms / 1000);
    packet.writeUInt32BE((seconds + EPOCH) % 2 ** 32, at);
    packet.writeUInt32BE(Math.floor(((ms - seconds * 1000) / 1000) * 2 ** 32), at + 4);
  };
  stamp(32, SENT + way + ahead);
  stamp(40, SENT + way + think + ahead);
  change(packet);
  return packet;
}

const read = (packet: Uint8Array) => readNtpAnswer(packet, NONCE, SENT, SENT + 22);
const refusalOf = (packet: Uint8Array) => {
  const answer = read(packet);
  return 'refused' in answer ? answer.refused : '';
};

test('a question is 48 octets of version 4, and tells nothing of our clock', (t) => {
  const question = ntpQuestion(NONCE);
  t.is(question.length, 48);
  t.is(question[0], 0b00_100_011);
  t.is(question.toString('hex', 1, 40), '00'.repeat(39));
  t.is(question.toString('hex', 40), NONCE.toString('hex'));
});

test('an offset is found to a millisecond, whatever it is and however long the way', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1_700_000_000, max: 1_700_000_000 }),
      fc.integer({ min: 0, max: 10 }),
      (seconds, way) => {
        const ahead = seconds * 1000;
        const packet = answer(ahead, way, 22 - 2 * way);
        const got = read(packet);
        t.true('offset' in got && Math.abs(got.offset - ahead) < 1 && Math.abs(got.delay - 2 * way) < 1);
      },
    ),
  );
});

test('time goes on after the seconds of 1900 have run through, in 2036', (t) => {
  const to2040 = Date.UTC(2040, 0, 1) - SENT;
  const got = read(answer(to2040));
  t.true('offset' in got && Math.abs(got.offset - to2040) < 1);
});

test('what is no answer, or no time, is refused with its reason', (t) => {
  t.is(refusalOf(answer(0).subarray(0, 47)), 'too short');
  t.is(refusalOf(answer(0, 10, 2, (packet) => packet.fill(9, 24, 32))), 'no answer of ours');
  t.is(
    refusalOf(answer(0, 10, 2, (packet) => void packet.writeUInt8(0b00_100_011, 0))),
    'no answer of a server',
  );
  t.is(
    refusalOf(answer(0, 10, 2, (packet) => void packet.writeUInt8(0b11_100_100, 0))),
    'the server has no time itself',
  );
  t.is(
    refusalOf(answer(0, 10, 2, (packet) => void packet.writeUInt8(16, 1))),
    'the server has no time itself',
  );
  t.is(refusalOf(answer(0, 10, 2, (packet) => void packet.fill(0, 40))), 'no time');
});

test('a kiss of death says that the server wants to be left alone', (t) => {
  const got = read(
    answer(0, 10, 2, (packet) => {
      packet[1] = 0;
      packet.write('RATE', 12, 'latin1');
    }),
  );
  t.deepEqual(got, { refused: 'kiss of death RATE', leaveAlone: true });
});

test('100 000 spoilt answers are read without harm', (t) => {
  for (const octets of mutations([answer(5000)], 100_000, 5905)) {
    const got = read(octets);
    if ('offset' in got && !(Number.isFinite(got.offset) && got.delay >= 0)) t.fail();
  }
  t.pass();
});

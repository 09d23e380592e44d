import test from 'ava';
import fc from 'fast-check';
import { middleOf, ntpOf, type Report, readCompound, roundTripOf, writeCompound } from '#media/rtcp.ts';
import { averageSizeAfter, rtcpInterval } from '#media/rtcp_interval.ts';
import { mutations } from '../support/mutate.ts';

const word = fc.integer({ min: 0, max: 0xffffffff });
const block = fc.record({
  ssrc: word,
  fractionLost: fc.integer({ min: 0, max: 255 }),
  lost: fc.integer({ min: -0x800000, max: 0x7fffff }),
  highest: word,
  jitter: word,
  lastSr: word,
  delaySinceLastSr: word,
});
const sender = fc.record({
  ntpSeconds: word,
  ntpFraction: word,
  rtpTimestamp: word,
  packets: word,
  octets: word,
});
const report: fc.Arbitrary<Report> = fc.oneof(
  fc.record({ ssrc: word, blocks: fc.array(block, { maxLength: 1 }) }),
  fc.record({ ssrc: word, sender, blocks: fc.array(block, { maxLength: 1 }) }),
);
const name = fc.stringMatching(/^[a-zA-Z0-9@.]{1,40}$/);

function written(one: Report, cname: string, leaving: boolean): Uint8Array {
  const out = new Uint8Array(160).fill(0xaa);
  return out.slice(0, writeCompound(out, one, new TextEncoder().encode(cname), leaving));
}

test('a compound that is written is read', (t) => {
  fc.assert(
    fc.property(report, name, fc.boolean(), (one, cname, leaving) => {
      const octets = written(one, cname, leaving);
      t.is(octets.length % 4, 0);
      t.deepEqual(readCompound(octets), {
        reports: [one],
        names: [{ ssrc: one.ssrc, cname }],
        leaving: leaving ? [one.ssrc] : [],
      });
    }),
  );
});

test('invalid compounds are ignored (RFC 3550 A.2)', (t) => {
  const good = written({ ssrc: 7, blocks: [] }, 'a', false);
  const with_ = (at: number, octet: number): Uint8Array => good.with(at, octet);
  t.truthy(readCompound(good));
  t.is(readCompound(good.subarray(0, 6)), undefined, 'cut off');
  t.is(readCompound(new Uint8Array(0)), undefined, 'empty');
  t.is(readCompound(with_(0, 0x40)), undefined, 'version 1');
  t.is(readCompound(with_(0, 0xa0)), undefined, 'padding in the first packet');
  t.is(readCompound(with_(0, 0x81)), undefined, 'a block that is not there');
  t.is(readCompound(with_(1, 202)), undefined, 'begins without a report');
  t.is(readCompound(with_(3, 200)), undefined, 'longer than the datagram');
});

test('100 000 damaged compounds are read or ignored', (t) => {
  const seeds = fc
    .sample(fc.tuple(report, name, fc.boolean()), { numRuns: 50, seed: 3550 })
    .map(([one, cname, leaving]) => written(one, cname, leaving));
  let read = 0;
  for (const octets of mutations(seeds, 100_000, 2)) {
    const compound = readCompound(octets);
    if (compound === undefined) continue;
    read++;
    if (compound.names.some(({ cname }) => /[^ -~]/.test(cname))) t.fail();
  }
  t.true(read > 1000 && read < 99_000);
});

test('the round trip is that of the example in RFC 3550 6.4.1', (t) => {
  const quoted = { ssrc: 1, fractionLost: 0, lost: 0, highest: 0, jitter: 0 };
  const lastSr = middleOf(0xb44db705, 0x20000000);
  t.is(lastSr, 0xb7052000);
  // DLSR 5.250 s and arrival 46864.500 s are printed there; the round trip is 6.125 s.
  const ms = roundTripOf({ ...quoted, lastSr, delaySinceLastSr: 0x00054000 }, 0xb7108000);
  t.is(ms, 6125);
  t.is(roundTripOf({ ...quoted, lastSr: 0, delaySinceLastSr: 0 }, 5), undefined);
  t.is(roundTripOf({ ...quoted, lastSr: 10, delaySinceLastSr: 0 }, 5), undefined);
});

test('NTP time begins in 1900', (t) => {
  t.deepEqual(ntpOf(0), { seconds: 2_208_988_800, fraction: 0 });
  t.is(ntpOf(1500).fraction, 0x80000000);
});

test('a pair of speakers reports every five seconds, half of that at first, within RFC 3550’s spread', (t) => {
  const pair = { members: 2, senders: 2, weSent: true, bandwidth: 500, averageSize: 120 };
  const at = (initial: boolean, random: number) => rtcpInterval({ ...pair, initial, random });
  const compensation = Math.E - 1.5;
  t.true(Math.abs(at(false, 0.5) - 5000 / compensation) < 1e-9);
  t.true(Math.abs(at(false, 0) - 2500 / compensation) < 1e-9);
  t.true(Math.abs(at(true, 1) - 3750 / compensation) < 1e-9);
});

test('a crowd reports less often', (t) => {
  const crowd = { members: 1000, senders: 10, bandwidth: 500, averageSize: 100, initial: false, random: 0.5 };
  const compensation = Math.E - 1.5;
  t.true(
    Math.abs(rtcpInterval({ ...crowd, weSent: true }) - (1000 * (100 * 10)) / 125 / compensation) < 1e-6,
  );
  t.true(
    Math.abs(rtcpInterval({ ...crowd, weSent: false }) - (1000 * (100 * 990)) / 375 / compensation) < 1e-6,
  );
  t.is(averageSizeAfter(160, 320), 170);
});

import test from 'ava';
import fc from 'fast-check';
import { emptyHeader, readRtp, sequenceDistance, timestampDistance, writeRtpHeader } from '#media/rtp.ts';
import { mutations } from '../support/mutate.ts';

/** A packet with everything that RFC 3550 5.1 and 5.3.1 allow. */
const packet = fc.record({
  payloadType: fc.integer({ min: 0, max: 127 }),
  marker: fc.boolean(),
  sequence: fc.integer({ min: 0, max: 0xffff }),
  timestamp: fc.integer({ min: 0, max: 0xffffffff }),
  ssrc: fc.integer({ min: 0, max: 0xffffffff }),
  csrc: fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 15 }),
  extension: fc.option(fc.integer({ min: 0, max: 5 })),
  payload: fc.uint8Array({ maxLength: 40 }),
  padding: fc.integer({ min: 0, max: 8 }),
});
type Packet = typeof packet extends fc.Arbitrary<infer T> ? T : never;

function written({ csrc, extension, payload, padding, ...header }: Packet): Uint8Array {
  const start = new Uint8Array(12);
  writeRtpHeader(start, header);
  start[0] = 0x80 | (padding > 0 ? 0x20 : 0) | (extension !== null ? 0x10 : 0) | csrc.length;
  const words = csrc.flatMap((octet) => [octet, 0, 0, octet]);
  const extra = extension === null ? [] : [0xbe, 0xde, 0, extension, ...Array(extension * 4).fill(7)];
  const end = padding > 0 ? [...Array(padding - 1).fill(0), padding] : [];
  return Uint8Array.from([...start, ...words, ...extra, ...payload, ...end]);
}

const isRtcp = ({ marker, payloadType }: Packet): boolean => marker && payloadType >= 64 && payloadType <= 95;

test('what is written is read, with contributors, extension and padding', (t) => {
  fc.assert(
    fc.property(packet, (one) => {
      const octets = written(one);
      const header = emptyHeader();
      t.is(readRtp(octets, header), !isRtcp(one));
      if (isRtcp(one)) return;
      const { payloadType, marker, sequence, timestamp, ssrc } = one;
      t.like(header, { payloadType, marker, sequence, timestamp, ssrc });
      t.deepEqual(octets.slice(header.payloadStart, header.payloadEnd), one.payload);
    }),
  );
});

test('what is no RTP is refused', (t) => {
  const good = Uint8Array.from([0x80, 8, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xd5, 0xd5]);
  const refused = (change: Record<number, number>, length = good.length): boolean => {
    const octets = good.slice(0, length);
    for (const [at, octet] of Object.entries(change)) octets[Number(at)] = octet;
    return !readRtp(octets, emptyHeader());
  };
  t.false(refused({}));
  t.true(refused({}, 11), 'shorter than a header');
  t.true(refused({ 0: 0x40 }), 'version 1');
  t.true(refused({ 0: 0x81 }), 'a contributor that is not there');
  t.true(refused({ 0: 0x90 }), 'an extension that is not there');
  t.true(refused({ 0: 0xa0, 13: 0 }), 'padding of nothing');
  t.true(refused({ 0: 0xa0, 13: 3 }), 'padding longer than the payload');
  t.true(refused({ 1: 200 }), 'an RTCP sender report');
});

test('100 000 damaged packets are read or refused, never with a payload outside the datagram', (t) => {
  const seeds = fc.sample(packet, { numRuns: 50, seed: 3550 }).map(written);
  const header = emptyHeader();
  let read = 0;
  for (const octets of mutations(seeds, 100_000, 1)) {
    if (!readRtp(octets, header)) continue;
    read++;
    const { payloadStart, payloadEnd } = header;
    if (payloadStart < 12 || payloadEnd < payloadStart || payloadEnd > octets.length) t.fail();
  }
  t.true(read > 1000 && read < 99_000);
});

test('distances know that numbers wrap', (t) => {
  t.is(sequenceDistance(2, 65534), 4);
  t.is(sequenceDistance(65534, 2), -4);
  t.is(timestampDistance(80, 0xffffffb0), 160);
  t.is(timestampDistance(0xffffffb0, 80), -160);
});

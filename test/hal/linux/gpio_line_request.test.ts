/** Octets of the GPIO character device, against linux/gpio.h. */
import test from 'ava';
import fc from 'fast-check';
import { HalError } from '#hal/linux/error.ts';
import { decodeEvents, EVENT_SIZE, encodeRequest, REQUEST_SIZE } from '#hal/linux/gpio/line_request.ts';
import type { GpioLineConfig } from '#hal/linux/gpio/types.ts';

interface ReadLine {
  readonly flags: bigint;
  readonly debounceUs: number;
  readonly value: bigint | undefined;
}

/** A request as the kernel reads it (gpio_v2_line_config_flags, …_debounce_period, …_output_value in gpiolib-cdev.c). */
function readRequest(request: Buffer): ReadonlyMap<number, ReadLine> {
  const lines = new Map<number, ReadLine>();
  for (let n = 0; n < request.readUInt32LE(560); n += 1) {
    let flags = request.readBigUInt64LE(288);
    let debounceUs = 0;
    let value: bigint | undefined;
    let flagged = false;
    for (let a = 0; a < request.readUInt32LE(296); a += 1) {
      const at = 320 + 24 * a;
      if (((request.readBigUInt64LE(at + 16) >> BigInt(n)) & 1n) === 0n) continue;
      const id = request.readUInt32LE(at);
      if (id === 1 && !flagged) {
        flags = request.readBigUInt64LE(at + 8);
        flagged = true;
      } else if (id === 2) value = (request.readBigUInt64LE(at + 8) >> BigInt(n)) & 1n;
      else if (id === 3) debounceUs = request.readUInt32LE(at + 8);
    }
    lines.set(request.readUInt32LE(4 * n), { flags, debounceUs, value });
  }
  return lines;
}

/** GPIO_V2_LINE_FLAG_… of linux/gpio.h, by hand. */
function expected(line: GpioLineConfig): ReadLine {
  const input = line.direction === 'in';
  const bits = [
    line.activeLow ? 1 : -1,
    input ? 2 : 3,
    ...(input && line.edges ? [4, 5] : []),
    !input && line.drive === 'open-drain' ? 6 : -1,
    line.bias === undefined ? -1 : { 'pull-up': 8, 'pull-down': 9, off: 10 }[line.bias],
  ].filter((bit) => bit >= 0);
  return {
    flags: bits.reduce((flags, bit) => flags | (1n << BigInt(bit)), 0n),
    debounceUs: input ? (line.debounceUs ?? 0) : 0,
    value: input ? undefined : BigInt(line.value ?? 0),
  };
}

const lineOf = (offset: number): fc.Arbitrary<GpioLineConfig> =>
  fc
    .record(
      {
        direction: fc.constantFrom('in' as const, 'out' as const),
        bias: fc.constantFrom('pull-up' as const, 'pull-down' as const, 'off' as const),
        activeLow: fc.boolean(),
        edges: fc.boolean(),
        debounceUs: fc.constantFrom(0, 5000),
        value: fc.constantFrom(0 as const, 1 as const),
        drive: fc.constantFrom('push-pull' as const, 'open-drain' as const),
      },
      { requiredKeys: ['direction'] },
    )
    .map((line) => ({ offset, ...line }));

const someLines = fc
  .uniqueArray(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 64 })
  .chain((offsets) => fc.tuple(...offsets.map(lineOf)));

test('the kernel reads in a request what was asked for, line by line', (t) => {
  let encoded = 0;
  fc.assert(
    fc.property(someLines, (lines) => {
      let request: Buffer;
      try {
        request = encodeRequest(lines, 'dualtone');
      } catch (error) {
        // Ten settings are all that fit.
        return error instanceof HalError && lines.length > 5;
      }
      encoded += 1;
      t.is(request.length, REQUEST_SIZE);
      const wanted = new Map(lines.map((line) => [line.offset, expected(line)]));
      t.deepEqual(readRequest(request), wanted);
      return true;
    }),
    { numRuns: 300 },
  );
  t.true(encoded > 50);
});

test('a keypad of sixteen lines fits into one request', (t) => {
  const columns = [0, 1, 2, 3, 4, 5, 6, 7].map(
    (offset) => ({ offset, direction: 'in', bias: 'pull-up', edges: true, debounceUs: 5000 }) as const,
  );
  const rows = [8, 9, 10, 11, 12, 13, 14, 15].map(
    (offset) => ({ offset, direction: 'out', drive: 'open-drain', value: 0 }) as const,
  );
  const lines = readRequest(encodeRequest([...columns, ...rows], 'keypad'));
  t.deepEqual(
    [...lines.values()].map(({ debounceUs }) => debounceUs),
    [...Array(8).fill(5000), ...Array(8).fill(0)],
  );
});

test('a name that is too long is cut, and stays a name', (t) => {
  const request = encodeRequest([{ offset: 1, direction: 'in' }], 'x'.repeat(100));
  t.is(request.subarray(256, 288).toString('latin1'), `${'x'.repeat(31)}\0`);
});

test('no line, and more than 64, are refused', (t) => {
  const lines = Array.from({ length: 65 }, (_, offset) => ({ offset, direction: 'in' }) as const);
  t.throws(() => encodeRequest([], 'x'), { instanceOf: HalError });
  t.throws(() => encodeRequest(lines, 'x'), { instanceOf: HalError });
});

test('events are read as they were written, and octets of a torn one are left', (t) => {
  const event = fc.record({
    nanoseconds: fc.bigInt({ min: 0n, max: 2n ** 63n }),
    rising: fc.boolean(),
    offset: fc.nat({ max: 2 ** 31 }),
    sequence: fc.nat({ max: 2 ** 31 }),
  });
  fc.assert(
    fc.property(fc.array(event), fc.nat({ max: EVENT_SIZE - 1 }), (events, torn) => {
      const octets = Buffer.alloc(EVENT_SIZE * events.length + torn, 0xff);
      events.forEach(({ nanoseconds, rising, offset, sequence }, n) => {
        octets.writeBigUInt64LE(nanoseconds, EVENT_SIZE * n);
        octets.writeUInt32LE(rising ? 1 : 2, EVENT_SIZE * n + 8);
        octets.writeUInt32LE(offset, EVENT_SIZE * n + 12);
        octets.writeUInt32LE(sequence, EVENT_SIZE * n + 16);
      });
      t.deepEqual([...decodeEvents(octets)], events);
    }),
  );
});

test('no octets whatever are more than the events that fit into them', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3 * EVENT_SIZE }), (octets) => {
      t.is([...decodeEvents(Buffer.from(octets))].length, Math.floor(octets.length / EVENT_SIZE));
    }),
    { numRuns: 100_000 },
  );
});

/**
 * The structures of the GPIO character device, version 2 (linux/gpio.h), as octets: what a request of lines looks
 * like, and what an event. Little endian, as arm64 and x86-64 are.
 *
 * ```
 * struct gpio_v2_line_request, 592 octets
 *   0  offsets[64]          u32 each
 * 256  consumer             32 characters, the last 0
 * 288  config.flags         u64: of lines that no attribute is about
 * 296  config.num_attrs     u32
 * 320  config.attrs[10]     24 octets each: id u32, padding u32, value u64, mask u64 (bit n = the n-th offset)
 * 560  num_lines            u32
 * 564  event_buffer_size    u32: events kept until they are read
 * 588  fd                   s32: filled in by the kernel
 *
 * struct gpio_v2_line_event, 48 octets
 *   0  timestamp_ns u64 · 8 id u32 (1 rising, 2 falling) · 12 offset u32 · 16 seqno u32 · 20 line_seqno u32
 * ```
 */
import { Buffer } from 'node:buffer';
import { HalError } from '../error.ts';
import type { GpioLineConfig } from './types.ts';

export const REQUEST_SIZE = 592;
export const EVENT_SIZE = 48;

/** _IOR/_IOWR(0xB4, …) of linux/gpio.h, which hold the size of what they take. */
export const IOCTL = {
  chipInfo: 0x8044b401,
  lineInfo: 0xc100b405,
  getLine: 0xc250b407,
  getValues: 0xc010b40e,
  setValues: 0xc010b40f,
} as const;

const FLAG = {
  activeLow: 1n << 1n,
  input: 1n << 2n,
  output: 1n << 3n,
  risingEdge: 1n << 4n,
  fallingEdge: 1n << 5n,
  openDrain: 1n << 6n,
} as const;

const BIAS_FLAG = { 'pull-up': 1n << 8n, 'pull-down': 1n << 9n, off: 1n << 10n } as const;

/** GPIO_V2_LINE_ATTR_ID_… */
const ATTRIBUTE = { flags: 1, outputValues: 2, debounce: 3 } as const;
const MOST_ATTRIBUTES = 10;
const MOST_LINES = 64;
/** GPIO_MAX_NAME_SIZE, less the 0 at its end. */
const CONSUMER_LENGTH = 31;
/** Of a bouncing contact that nobody reads for a while. */
const EVENTS_PER_LINE = 64;

interface Attribute {
  readonly id: number;
  readonly value: bigint;
  readonly mask: bigint;
}

/** The request for these lines. Throws a HalError where it does not fit: beyond 64 lines or ten different settings. */
export function encodeRequest(lines: readonly GpioLineConfig[], consumer: string): Buffer {
  const [first] = lines;
  if (first === undefined || lines.length > MOST_LINES) {
    throw new HalError('IO', `one request holds 1 to ${MOST_LINES} GPIO lines, not ${lines.length}`);
  }
  const ordinary = flagsOf(first);
  const attributes = attributesOf(lines, ordinary);
  if (attributes.length > MOST_ATTRIBUTES) {
    throw new HalError('IO', `one request holds ${MOST_ATTRIBUTES} different settings of GPIO lines`);
  }
  const request = Buffer.alloc(REQUEST_SIZE);
  lines.forEach(({ offset }, at) => {
    request.writeUInt32LE(offset, 4 * at);
  });
  request.write(consumer, 256, CONSUMER_LENGTH, 'latin1');
  request.writeBigUInt64LE(ordinary, 288);
  request.writeUInt32LE(attributes.length, 296);
  attributes.forEach(({ id, value, mask }, n) => {
    const at = 320 + 24 * n;
    request.writeUInt32LE(id, at);
    request.writeBigUInt64LE(value, at + 8);
    request.writeBigUInt64LE(mask, at + 16);
  });
  request.writeUInt32LE(lines.length, 560);
  request.writeUInt32LE(EVENTS_PER_LINE * lines.length, 564);
  return request;
}

function flagsOf({ direction, edges, bias, activeLow, drive }: GpioLineConfig): bigint {
  const both = direction === 'in' && edges ? FLAG.risingEdge | FLAG.fallingEdge : 0n;
  const drain = direction === 'out' && drive === 'open-drain' ? FLAG.openDrain : 0n;
  return (
    (direction === 'in' ? FLAG.input : FLAG.output) |
    both |
    drain |
    (bias === undefined ? 0n : BIAS_FLAG[bias]) |
    (activeLow ? FLAG.activeLow : 0n)
  );
}

/** One attribute for all lines that differ in the same way. */
function attributesOf(lines: readonly GpioLineConfig[], ordinary: bigint): readonly Attribute[] {
  const masksBy = (key: (line: GpioLineConfig) => bigint): ReadonlyMap<bigint, bigint> => {
    const masks = new Map<bigint, bigint>();
    lines.forEach((line, at) => {
      masks.set(key(line), (masks.get(key(line)) ?? 0n) | (1n << BigInt(at)));
    });
    return masks;
  };
  const attributes = (id: number, masks: ReadonlyMap<bigint, bigint>, but: bigint): readonly Attribute[] =>
    [...masks].filter(([value]) => value !== but).map(([value, mask]) => ({ id, value, mask }));
  const debounce = masksBy(({ direction, debounceUs }) => BigInt(direction === 'in' ? (debounceUs ?? 0) : 0));
  const outputs = masksBy(({ direction }) => (direction === 'out' ? 1n : 0n)).get(1n) ?? 0n;
  const high =
    masksBy(({ direction, value }) => (direction === 'out' && value === 1 ? 1n : 0n)).get(1n) ?? 0n;
  return [
    ...attributes(ATTRIBUTE.flags, masksBy(flagsOf), ordinary),
    ...attributes(ATTRIBUTE.debounce, debounce, 0n),
    ...(outputs === 0n ? [] : [{ id: ATTRIBUTE.outputValues, value: high, mask: outputs }]),
  ];
}

export interface LineEvent {
  /** CLOCK_MONOTONIC, as process.hrtime.bigint(). */
  readonly nanoseconds: bigint;
  /** Of the logical level. */
  readonly rising: boolean;
  readonly offset: number;
  /** Counts all events of the request from 1; a step of more than 1 is a loss. */
  readonly sequence: number;
}

/** Whole events of what was read; octets after the last whole one are left. */
export function* decodeEvents(octets: Buffer): Generator<LineEvent> {
  for (let at = 0; at + EVENT_SIZE <= octets.length; at += EVENT_SIZE) {
    yield {
      nanoseconds: octets.readBigUInt64LE(at),
      rising: octets.readUInt32LE(at + 8) === 1,
      offset: octets.readUInt32LE(at + 12),
      sequence: octets.readUInt32LE(at + 16),
    };
  }
}

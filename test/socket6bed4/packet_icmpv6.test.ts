import test from 'ava';
import fc from 'fast-check';
import { parseIpv6 } from '#socket6bed4/address/ipv6.ts';
import { fragments } from '#socket6bed4/packet/fragment.ts';
import {
  echoReply,
  IcmpCode,
  IcmpType,
  icmpError,
  icmpPacket,
  isIcmpIntact,
  readError,
} from '#socket6bed4/packet/icmpv6.ts';
import {
  destinationOf,
  HEADER,
  hopLimitOf,
  isWellFormed,
  MTU,
  newPacket,
  sourceOf,
} from '#socket6bed4/packet/ipv6.ts';
import { udpPacket } from '#socket6bed4/packet/udp.ts';
import { mutations } from '../support/mutate.ts';

const octetsOf = (text: string): Uint8Array => parseIpv6(text) ?? new Uint8Array();
const HERE = octetsOf('fc64:bed:9188:1:9088:fe:9c42:4001');
const THERE = octetsOf('fc64:bed:9188:1:9088:fe:9c45:4001');
const ROUTER = octetsOf('fc64:bed:9188:1:9088:1:64be:4000');
const ALL_NODES = octetsOf('ff02::1');
const NOBODY = octetsOf('::');

const echo = (type: number, code: number, data: readonly number[]): Uint8Array =>
  Uint8Array.of(type, code, 0, 0, 0x12, 0x34, 0, 7, ...data);
const datagram = (size: number): Uint8Array =>
  udpPacket({ address: HERE, port: 5060 }, { address: THERE, port: 5062 }, new Uint8Array(size).fill(9), 64);
const unreachable = (offending: Uint8Array): Uint8Array | undefined =>
  icmpError(THERE, offending, IcmpType.destinationUnreachable, IcmpCode.port, 0);
const from = (source: Uint8Array, destination: Uint8Array): Uint8Array =>
  udpPacket({ address: source, port: 1 }, { address: destination, port: 2 }, new Uint8Array(4), 64);

test('an echo request is answered with the same data, the other way', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
      const reply = echoReply(icmpPacket(HERE, THERE, 12, echo(128, 0, [...data])));
      t.deepEqual(reply, icmpPacket(THERE, HERE, 64, echo(129, 0, [...data])));
      t.true(reply !== undefined && isIcmpIntact(reply) && isWellFormed(reply));
    }),
  );
});

test('only an echo request that is whole and comes from one node to one node is answered', (t) => {
  const request = icmpPacket(HERE, THERE, 64, echo(128, 0, [1, 2]));
  t.truthy(echoReply(request));
  for (let at = 8; at < request.length; at += 1) {
    const damaged = Uint8Array.from(request);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    t.is(echoReply(damaged), undefined, `octet ${at}`);
  }
  t.is(echoReply(icmpPacket(HERE, THERE, 64, echo(129, 0, []))), undefined);
  t.is(echoReply(icmpPacket(HERE, THERE, 64, echo(128, 1, []))), undefined);
  t.is(echoReply(icmpPacket(HERE, THERE, 64, Uint8Array.of(128, 0, 0, 0, 1, 2, 3))), undefined);
  t.is(echoReply(icmpPacket(HERE, ALL_NODES, 64, echo(128, 0, []))), undefined);
  t.is(echoReply(icmpPacket(ALL_NODES, THERE, 64, echo(128, 0, []))), undefined);
  t.is(echoReply(icmpPacket(NOBODY, THERE, 64, echo(128, 0, []))), undefined);
  t.is(echoReply(datagram(8)), undefined);
});

test('an error quotes what it is about, and is read as such by who sent that', (t) => {
  const parameters = fc.integer({ min: 0, max: 0xffffffff });
  const types = fc.constantFrom(1, 2, 3, 4);
  fc.assert(
    fc.property(types, fc.nat(6), parameters, fc.nat(2000), (type, code, parameter, size) => {
      const offending = datagram(size);
      const error = icmpError(ROUTER, offending, type, code, parameter);
      if (error === undefined) return t.fail();
      t.true(isWellFormed(error) && isIcmpIntact(error));
      t.deepEqual(Uint8Array.from(sourceOf(error)), ROUTER);
      t.deepEqual(Uint8Array.from(destinationOf(error)), HERE);
      t.is(hopLimitOf(error), 64);
      t.is(error.length, Math.min(MTU, 48 + offending.length));
      t.deepEqual(error.subarray(48), offending.subarray(0, MTU - 48));
      const read = readError(error);
      t.deepEqual([read?.type, read?.code], [type, code]);
      t.is(Buffer.from(error).readUInt32BE(44), parameter);
      t.is(read?.from.port, 5060);
      t.is(read?.to.port, 5062);
      t.deepEqual(Uint8Array.from(read?.from.address ?? []), HERE);
      return t.deepEqual(Uint8Array.from(read?.to.address ?? []), THERE);
    }),
  );
});

test('no error is sent about an error or a redirect, whatever headers hide it', (t) => {
  const error = unreachable(datagram(100)) ?? new Uint8Array();
  t.truthy(error.length);
  t.is(unreachable(error), undefined);
  t.is(unreachable(icmpPacket(HERE, THERE, 64, echo(IcmpType.redirect, 0, []))), undefined);
  t.is(unreachable(icmpPacket(HERE, THERE, 64, echo(100, 0, []))), undefined);
  const hidden = newPacket(HERE, THERE, 60, 64, 16);
  hidden.set([58, 0, 1, 4, 0, 0, 0, 0, IcmpType.timeExceeded], HEADER);
  t.is(unreachable(hidden), undefined);
  t.truthy(unreachable(icmpPacket(HERE, THERE, 64, echo(IcmpType.echoRequest, 0, []))));
});

test('an error is sent about the first fragment and no later one', (t) => {
  const [first, second] = fragments(datagram(2000), 7);
  const error = first && icmpError(ROUTER, first, IcmpType.timeExceeded, IcmpCode.reassembly, 0);
  t.is(error?.length, MTU);
  t.is(error && readError(error)?.to.port, 5062);
  t.is(second && unreachable(second), undefined);
});

test('no error goes to a group or to nobody', (t) => {
  t.is(unreachable(from(NOBODY, THERE)), undefined);
  t.is(unreachable(from(ALL_NODES, THERE)), undefined);
});

test('no error is about what was sent to a group', (t) => {
  const offending = from(HERE, ALL_NODES);
  t.is(unreachable(offending), undefined);
  t.is(icmpError(THERE, offending, IcmpType.timeExceeded, IcmpCode.hopLimit, 0), undefined);
  t.is(icmpError(THERE, offending, IcmpType.parameterProblem, IcmpCode.option, 42), undefined);
});

test('an error about anything but our datagrams is not read', (t) => {
  const about = (quoted: Uint8Array): Uint8Array =>
    icmpPacket(ROUTER, HERE, 64, Uint8Array.of(1, 4, 0, 0, 0, 0, 0, 0, ...quoted));
  const whole = datagram(20);
  t.truthy(readError(about(whole)));
  t.truthy(readError(about(whole.subarray(0, 44))), 'both ports');
  t.is(readError(about(whole.subarray(0, 43))), undefined, 'one port and a half');
  t.is(readError(about(whole.subarray(0, 20))), undefined);
  t.is(readError(about(Uint8Array.of(0x45, ...whole.subarray(1)))), undefined, 'IPv4');
  t.is(readError(about(icmpPacket(HERE, THERE, 64, echo(128, 0, [])))), undefined, 'an echo');
  t.is(readError(about(fragments(datagram(2000), 1)[1] ?? whole)), undefined, 'a later fragment');
  t.is(readError(whole), undefined);
  t.is(readError(icmpPacket(HERE, THERE, 64, echo(128, 0, [...whole]))), undefined, 'no error');
});

test('a damaged error is not read', (t) => {
  const error = unreachable(datagram(20)) ?? new Uint8Array();
  for (let at = 8; at < error.length; at += 1) {
    const damaged = Uint8Array.from(error);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    t.is(readError(damaged), undefined, `octet ${at}`);
  }
});

test('damaged packets are survived by whoever reads or answers them', (t) => {
  const error = unreachable(datagram(60)) ?? new Uint8Array();
  const seeds = [error, icmpPacket(HERE, THERE, 64, echo(128, 0, [1, 2, 3])), datagram(30)];
  let errors = 0;
  let answers = 0;
  for (const octets of mutations(seeds, 100_000, 4443)) {
    if (readError(octets) !== undefined) errors += 1;
    const reply = echoReply(octets);
    if (reply !== undefined) answers += 1;
    if (reply !== undefined && (reply.length !== octets.length || !isIcmpIntact(reply)))
      t.fail('a bad reply');
    if (!isWellFormed(octets)) continue;
    const about = unreachable(octets);
    if (about !== undefined && (about.length > MTU || !isIcmpIntact(about))) t.fail('a bad error');
  }
  t.true(errors > 100 && answers > 100, `${errors} ${answers}`);
});

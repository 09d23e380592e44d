/** A hundred thousand damaged inputs for every parser of the room: nothing is thrown, no input takes long. */
import test from 'ava';
import {
  authorize,
  chooseChallenge,
  parseAuthorization,
  parseChallenges,
} from '#sip/authentication/digest.ts';
import { faultOf } from '#sip/message/fault.ts';
import { StreamFramer } from '#sip/message/framing.ts';
import { MAX_BODY, MAX_HEAD } from '#sip/message/limits.ts';
import { readMessage, type SipMessage } from '#sip/message/message.ts';
import { formatNameAddr, parseNameAddr } from '#sip/message/name_addr.ts';
import { formatUri, parseUri } from '#sip/message/uri.ts';
import { uriEquals } from '#sip/message/uri_equality.ts';
import { formatVia, parseVia } from '#sip/message/via.ts';
import { writeResponse } from '#sip/message/write.ts';
import { mutations } from '../support/mutate.ts';
import { ALL_OCTETS, invite, SEED_ROUTES, SEED_VIAS } from './vectors.ts';

const COUNT = 100_000;
/** CPU that one input may take, ms. The longest is some 6 KiB; what is not linear shows far above this. */
const LONGEST = 500;
const SEED = 3261;

const MESSAGES = [...ALL_OCTETS, invite(SEED_VIAS, SEED_ROUTES)];

/** Every value of these header fields in all the vectors, as octets. */
function valuesOf(...names: readonly string[]): readonly Uint8Array[] {
  const texts = MESSAGES.flatMap((octets) => {
    const message = readMessage(octets);
    return message === undefined ? [] : names.flatMap((name) => message.values(name));
  });
  return [...new Set(texts)].map((text) => Buffer.from(text, 'latin1'));
}

/** Feeds the damaged seeds and returns for how many of them `use` found sense. */
function feed(
  seeds: readonly Uint8Array[],
  use: (octets: Uint8Array) => boolean,
): { made: number; slowest: number } {
  let made = 0;
  let slowest = 0;
  for (const octets of mutations(seeds, COUNT, SEED)) {
    const started = performance.now();
    if (use(octets)) made += 1;
    slowest = Math.max(slowest, performance.now() - started);
  }
  return { made, slowest };
}

function feedText(
  seeds: readonly Uint8Array[],
  use: (text: string) => boolean,
): { made: number; slowest: number } {
  return feed(seeds, (octets) => use(Buffer.from(octets).toString('latin1')));
}

/** Asks a message for everything that an agent may ask. */
function readAll(message: SipMessage): boolean {
  const { via, from, to, contact, cseq, callId, fromTag, toTag, method, body, head } = message;
  for (const name of ['route', 'record-route', 'contact', 'www-authenticate', 'allow', 'x-unknown']) {
    message.values(name);
  }
  return [via, from, to, contact, cseq, callId, fromTag, toTag, method, body, head].every(
    (part) => part !== undefined,
  );
}

test('messages', (t) => {
  let faulty = 0;
  const { made, slowest } = feed(MESSAGES, (octets) => {
    const message = readMessage(octets);
    if (message === undefined) return false;
    readAll(message);
    const fault = faultOf(message);
    if (fault !== undefined) faulty += 1;
    if (fault?.answerable !== true) return true;
    const response = writeResponse(message, {
      status: fault.status,
      reason: fault.reason,
      toTag: 'tag',
      topVia: { received: '2001:db8::1', rport: 5060 },
      recordRoute: true,
    });
    return readMessage(response.octets)?.status === fault.status;
  });
  t.true(made > COUNT / 2 && faulty > COUNT / 10 && faulty < COUNT, `${made} read, ${faulty} faulty`);
  t.true(slowest < LONGEST, `${slowest} ms`);
});

test('URIs', (t) => {
  const seeds = MESSAGES.flatMap((octets) => {
    const message = readMessage(octets);
    const uris = [message?.uri, message?.from?.uri, message?.to?.uri, message?.contact?.uri];
    return uris
      .filter((uri) => uri !== undefined && uri !== '')
      .map((uri) => Buffer.from(uri ?? '', 'latin1'));
  });
  let unstable = 0;
  const { made, slowest } = feedText(seeds, (text) => {
    const uri = parseUri(text);
    if (uri === undefined) return false;
    const again = parseUri(formatUri(uri));
    if (again === undefined || !uriEquals(uri, again)) unstable += 1;
    return true;
  });
  t.is(unstable, 0);
  t.true(made > COUNT / 10 && made < COUNT, `${made} read`);
  t.true(slowest < LONGEST, `${slowest} ms`);
});

test('Vias', (t) => {
  let unstable = 0;
  const { made, slowest } = feedText(valuesOf('via'), (text) => {
    const via = parseVia(text);
    if (via === undefined) return false;
    if (parseVia(formatVia(via))?.branch !== via.branch) unstable += 1;
    return true;
  });
  t.is(unstable, 0);
  t.true(made > COUNT / 10 && made < COUNT, `${made} read`);
  t.true(slowest < LONGEST, `${slowest} ms`);
});

test('name-addrs', (t) => {
  let unstable = 0;
  const seeds = valuesOf('from', 'to', 'contact', 'route', 'record-route', 'refer-to');
  const { made, slowest } = feedText(seeds, (text) => {
    const value = parseNameAddr(text);
    if (value === undefined) return false;
    if (parseNameAddr(formatNameAddr(value))?.uri !== value.uri) unstable += 1;
    return true;
  });
  t.is(unstable, 0);
  t.true(made > COUNT / 10 && made < COUNT, `${made} read`);
  t.true(slowest < LONGEST, `${slowest} ms`);
});

test('digest challenges and credentials', (t) => {
  const fields = ['www-authenticate', 'proxy-authenticate', 'authorization', 'proxy-authorization'];
  const seeds = MESSAGES.flatMap((octets) => {
    const message = readMessage(octets);
    return fields.flatMap((name) => message?.fields(name) ?? []);
  }).map((text) => Buffer.from(text, 'latin1'));
  const { made, slowest } = feedText(seeds, (text) => {
    const challenge = chooseChallenge(parseChallenges([text]));
    if (challenge === undefined) return parseAuthorization(text) !== undefined;
    const credentials = { username: 'ü', password: 'p', nc: 1, cnonce: 'c' };
    const value = authorize({ ...credentials, challenge, method: 'INVITE', uri: 'sip:a' });
    return parseAuthorization(value)?.get('nonce') === challenge.nonce.replace(/[\r\n\0]/g, ' ');
  });
  t.true(made > COUNT / 10, `${made} read`);
  t.true(slowest < LONGEST, `${slowest} ms`);
});

test('streams', (t) => {
  let framer = new StreamFramer();
  let broken = 0;
  let largest = 0;
  const { made, slowest } = feed(MESSAGES, (octets) => {
    const middle = octets.length >> 1;
    const framed = [...framer.push(octets.subarray(0, middle)), ...framer.push(octets.subarray(middle))];
    largest = Math.max(largest, framer.pending);
    if (framer.broken !== undefined) {
      broken += 1;
      framer = new StreamFramer();
    }
    return framed.length > 0;
  });
  t.true(made > COUNT / 4 && broken > 100, `${made} framed, ${broken} broken`);
  t.true(largest <= MAX_HEAD + MAX_BODY, `${largest} octets pending`);
  t.true(slowest < LONGEST, `${slowest} ms`);
});

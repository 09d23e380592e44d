/** What RAUC says of a bundle, in the JSON of busctl. */
import test from 'ava';
import fc from 'fast-check';
import { readInspected } from '#update/inspected.ts';
import { mutations } from '../support/mutate.ts';

const HASH = '7a3e3f1b92cf29d12fc77e874ac6c81726dcb6673b89738dcc3538e0974f17c4';
const text = (data: unknown) => ({ type: 's', data });
/** Of RAUC 1.15.2, without its images. */
const REPLY = {
  type: 'a{sv}',
  data: [
    {
      update: {
        type: 'v',
        data: { type: 'a{sv}', data: { version: text('0.1.0'), compatible: text('dualtone-rpi-arm64') } },
      },
      'manifest-hash': text(HASH),
    },
  ],
};

test('version and hash of a bundle are read', (t) => {
  t.deepEqual(readInspected(REPLY), { version: '0.1.0', hash: HASH });
});

test('what has no version, or no hash that is one, says nothing', (t) => {
  const [said] = REPLY.data;
  for (const data of [
    [],
    [{ update: said?.update }],
    [{ ...said, update: text('0.1.0') }],
    [{ ...said, 'manifest-hash': text('0') }],
    [{ ...said, 'manifest-hash': text(7) }],
  ])
    t.is(readInspected({ type: 'a{sv}', data }), undefined, JSON.stringify(data));
});

test('whatever JSON comes, and however it is damaged, nothing is thrown', (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), (reply) => {
      readInspected({ data: [reply] });
    }),
  );
  let read = 0;
  for (const octets of mutations([Buffer.from(JSON.stringify(REPLY))], 100_000, 3)) {
    let reply: unknown;
    try {
      reply = JSON.parse(Buffer.from(octets).toString());
    } catch {
      continue;
    }
    const found = readInspected(reply);
    if (found === undefined) continue;
    read += 1;
    t.regex(found.hash, /^[0-9a-f]{64}$/);
  }
  t.true(read > 100);
});

/** How text from the network is shown, and the rate limit's bucket. */
import test from 'ava';
import fc from 'fast-check';
import { Bucket } from '#web/limits.ts';
import { headingOf, readable, visible } from '#web/page/text.ts';

test('what cannot be seen or turns the writing is shown as a mark', (t) => {
  t.is(visible('bank\u202etset\u0000\u200b\u0007'), 'bank\ufffdtset\ufffd\ufffd\ufffd');
  t.is(visible('Zoë 李 👩\u200d🔧\nB'), 'Zoë 李 👩\u200d🔧\nB');
});

test('no text keeps a control character but the line feed', (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      (text) => !/[\p{Cc}\p{Cf}]/u.test(visible(text).replaceAll(/[\n\u200d]/g, '')),
    ),
  );
  t.pass();
});

test('UTF-8 in a traced message is read as such, other octets as Latin-1', (t) => {
  const latin1 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
  t.is(readable(latin1('From: "Zoë" <sip:z@x>\r\n')), 'From: "Zoë" <sip:z@x>\n');
  t.is(readable('Subject: caf\xe9\r\n'), 'Subject: café\n');
});

test('the heading of a message is its method or its status', (t) => {
  t.deepEqual(headingOf('INVITE sip:bob@example.test SIP/2.0\nCSeq: 1 INVITE\n'), {
    label: 'INVITE',
    rest: 'sip:bob@example.test',
    kind: 'request',
  });
  const kinds = { 180: 'provisional', 200: 'success', 302: 'failure', 486: 'failure' } as const;
  for (const [code, kind] of Object.entries(kinds)) {
    t.deepEqual(headingOf(`SIP/2.0 ${code} Some reason\nCSeq : 7 INVITE\n`), {
      label: code,
      rest: 'Some reason · INVITE',
      kind,
    });
  }
});

test('any octets at all have a heading', (t) => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof headingOf(text).label === 'string'));
  t.like(headingOf(''), { label: '', rest: '' });
});

test('a bucket lets a burst through, then its rate', (t) => {
  const bucket = new Bucket({ perSecond: 10, atOnce: 3 }, 0);
  t.deepEqual(
    [0, 0, 0, 0, 100, 100, 200].map((now) => bucket.take(now)),
    [true, true, true, false, true, false, true],
  );
  t.deepEqual(
    [9e9, 9e9, 9e9, 9e9].map((now) => bucket.take(now)),
    [true, true, true, false],
  );
});

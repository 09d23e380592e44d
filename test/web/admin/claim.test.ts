/** The machines behind the door, with clocks that jump: PIN, lockout, sessions. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { Claim, PIN_LIFE } from '#web/admin/claim.ts';
import { Door } from '#web/admin/door.ts';
import { FOR_ALL, FORGOTTEN_AFTER, Lockout, PER_SOURCE, sourceOf } from '#web/admin/lockout.ts';
import { Owner } from '#web/admin/owner.ts';
import { MOST_SESSIONS, Sessions } from '#web/admin/sessions.ts';
import { Clock } from '../../support/clock.ts';

test('a PIN has eight digits, small numbers too', (t) => {
  t.is(new Claim(() => 42).show(0).digits, '00000042');
  t.is(new Claim((below) => below - 1).show(0).digits, '99999999');
});

test('blanks and hyphens in a typed PIN do not count, anything else does', (t) => {
  for (const typed of ['12345678', '1234 5678', ' 1234-5678 ']) {
    const claim = new Claim(() => 12_345_678);
    claim.show(0);
    t.true(claim.accept(typed, 1), typed);
    t.false(claim.accept(typed, 2), 'once only');
  }
  for (const typed of ['', '1234567', '123456789', '12345679', '1234567８', '1234.5678']) {
    const claim = new Claim(() => 12_345_678);
    claim.show(0);
    t.false(claim.accept(typed, 1), typed);
  }
});

test('no PIN is right where none is shown', (t) => {
  const claim = new Claim(() => 0);
  t.false(claim.accept('', 0));
  t.false(claim.accept('00000000', 0));
  t.is(claim.deadline, Number.POSITIVE_INFINITY);
});

test('the screen forgets the PIN when its time is over, though nobody asks', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'dualtone-door-'));
  const shown: (number | undefined)[] = [];
  let due: { readonly at: number; readonly done: () => void } | undefined;
  let now = 0;
  const door = new Door({
    owner: await Owner.read(directory),
    showPin: (pin) => shown.push(pin?.left),
    claimed() {},
    ended() {},
    log() {},
    clock: () => now,
    after: (ms, done) => {
      due = { at: now + ms, done };
      return () => {
        due = undefined;
      };
    },
  });
  door.showPin();
  now = 1000;
  door.showPin();
  t.is(due?.at, PIN_LIFE);
  now = PIN_LIFE;
  due?.done();
  t.deepEqual(shown, [PIN_LIFE, PIN_LIFE - 1000, undefined]);
});

test('the waiting of one source doubles to its longest, and a right try ends it', (t) => {
  const lockout = new Lockout();
  const waits: number[] = [];
  let now = 0;
  for (let i = 0; i < 20; i++) {
    lockout.begin('a', now);
    waits.push(lockout.wait('a', now));
    // Beyond what all together have to wait.
    now += lockout.wait('a', now) + FOR_ALL.longest;
  }
  t.deepEqual(waits.slice(0, 6), [0, 0, 0, 2000, 4000, 8000]);
  t.is(waits.at(-1), PER_SOURCE.longest);
  lockout.begin('a', now);
  lockout.passed('a');
  t.is(lockout.wait('a', now + FOR_ALL.longest), 0);
});

test('sources without number wait together, but never long', (t) => {
  const lockout = new Lockout();
  for (let i = 0; i < 10; i++) lockout.begin(`192.0.2.${i}`, 0);
  t.is(lockout.wait('198.51.100.1', 0), 0);
  lockout.begin('192.0.2.10', 0);
  t.is(lockout.wait('198.51.100.1', 0), FOR_ALL.first);
  for (let i = 0; i < 100_000; i++) lockout.begin(`source ${i}`, 0);
  t.is(lockout.wait('198.51.100.1', 0), FOR_ALL.longest);
});

test('what was wrong is forgotten after a day without more of it', (t) => {
  const lockout = new Lockout();
  for (let i = 0; i < 8; i++) lockout.begin('a', 0);
  lockout.begin('a', FORGOTTEN_AFTER + 1);
  t.is(lockout.wait('a', FORGOTTEN_AFTER + 1), 0);
});

test('who never was wrong waits no longer than the longest for all, whatever others do', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(100_000), fc.boolean()), { maxLength: 60 }), (tries) => {
      const lockout = new Lockout();
      let now = 0;
      for (const [source, passes, right] of tries) {
        now += passes;
        if (lockout.wait(`${source}`, now) > 0) continue;
        lockout.begin(`${source}`, now);
        if (right) lockout.passed(`${source}`);
      }
      return lockout.wait('other', now) <= FOR_ALL.longest;
    }),
  );
  t.pass();
});

const SOURCES: readonly [address: string | undefined, source: string][] = [
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2:aaaa::', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '::1'],
  [undefined, ''],
];

for (const [address, source] of SOURCES) {
  test(`${address} counts as ${source || 'nobody'}`, (t) => {
    t.is(sourceOf(address), source);
  });
}

test('a ninth session ends the oldest', (t) => {
  let n = 0;
  const sessions = new Sessions(() => `token ${n++}`);
  const opened = Array.from({ length: MOST_SESSIONS + 1 }, (_, i) => sessions.open(i));
  t.is(sessions.find(opened[0]?.token ?? '', 100, false), undefined);
  t.truthy(sessions.find(opened[1]?.token ?? '', 100, false));
});

test('the sessions end by themselves at their deadline', (t) => {
  const clock = new Clock();
  let n = 0;
  const sessions = new Sessions(() => `token ${n++}`);
  t.is(sessions.deadline, Number.POSITIVE_INFINITY);
  const { token, session } = sessions.open(clock.now);
  const end = sessions.deadline;
  t.truthy(sessions.find(token, end - 1, false));
  t.false(sessions.isOpen(session, end));
  t.is(sessions.deadline, Number.POSITIVE_INFINITY);
});

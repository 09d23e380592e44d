/** When nobody uses the telephone: a new configuration and a resync wait for the same. */
import test from 'ava';
import { isIdle } from '#agent/idle.ts';
import { Desk } from '../support/desk.ts';

test('a telephone at rest is idle, and one that ended a call is again', (t) => {
  const desk = new Desk();
  t.true(isIdle(desk.phone));
  const call = desk.talkIncoming();
  t.false(isIdle(desk.phone));
  desk.ended(call);
  t.false(isIdle(desk.phone), 'busy tone in the hand');
  desk.putDown();
  t.true(isIdle(desk.phone));
});

test('it is not while it rings, is dialled on, or serves an echo without a hand', (t) => {
  const ringing = new Desk();
  ringing.incoming();
  t.false(isIdle(ringing.phone));
  const lifted = new Desk();
  lifted.lift();
  t.false(isIdle(lifted.phone));
  lifted.press('12');
  t.false(isIdle(lifted.phone));
  const served = new Desk();
  served.give({ kind: 'dial', request: 1, number: '*41#' });
  t.false(isIdle(served.phone));
});

test('a receiver in the hand is use, whatever the telephone does with it', (t) => {
  const { phone } = new Desk();
  const front = () => ({ ...phone.front(), hook: 'off' as const });
  t.false(isIdle({ state: 'idle', calls: () => [], front }));
});

/** What the telephone says to people. */
import test from 'ava';
import { Desk, TONES } from '../support/desk.ts';

for (const by of ['network', 'us'] as const) {
  test(`what ${by} ended is told without a status, as no server said one`, (t) => {
    const desk = new Desk();
    desk.ended(desk.callOut(), { by, status: 503, reason: 'no such name' });
    t.is(desk.tone, TONES.congestion);
    t.is(desk.lines[3], 'no such name');
    t.is(desk.phone.calls()[0]?.cause, 'no such name');
  });
}

test('a call has the name of its caller', (t) => {
  const desk = new Desk();
  desk.incoming('in-1', 'Zoë');
  t.like(desk.phone.calls()[0], { name: 'Zoë', peer: 'sip:bob@example.test' });
  desk.ended('in-1');
  desk.incoming('in-2', '');
  t.false('name' in (desk.phone.calls()[1] ?? {}));
});

test('the log names an account by its address of record', (t) => {
  const desk = new Desk();
  desk.sip({ kind: 'registration', account: 'a', state: 'failed', error: '403 Forbidden' });
  t.is(desk.logged.at(-1), 'registration of sip:alice@example.test: 403 Forbidden');
});

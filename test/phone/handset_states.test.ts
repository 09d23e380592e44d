/** Every state of the handset against everything that a hand, the peer or the network can do. */
import test from 'ava';
import { HANDSET_STATES, type HandsetState } from '#phone/handset_states.ts';
import { Desk } from '../support/desk.ts';

/** The current call's id; empty where there is none. */
type Reach = (desk: Desk) => string;

const REACH: Readonly<Record<HandsetState, Reach>> = {
  idle: () => '',
  ringing: (desk) => {
    desk.incoming();
    return 'in-1';
  },
  'dial-tone': (desk) => {
    desk.lift();
    return '';
  },
  dialling: (desk) => {
    desk.lift();
    desk.press('12');
    return '';
  },
  calling: (desk) => desk.callOut(),
  ringback: (desk) => {
    const call = desk.callOut();
    desk.progress(call, 180);
    return call;
  },
  'early-media': (desk) => {
    const call = desk.callOut();
    desk.progress(call, 183);
    desk.answered(call, true);
    return call;
  },
  talking: (desk) => {
    const call = desk.callOut();
    desk.answered(call);
    return call;
  },
  holding: (desk) => {
    const call = desk.talkIncoming();
    desk.flash();
    return call;
  },
  service: (desk) => {
    desk.lift();
    desk.press('*41');
    return 'out-1';
  },
  busy: (desk) => {
    desk.ended(desk.callOut(), { status: 486 });
    return '';
  },
  congestion: (desk) => {
    desk.ended(desk.callOut(), { status: 503 });
    return '';
  },
  'special-information': (desk) => {
    desk.ended(desk.callOut(), { status: 404 });
    return '';
  },
  howler: (desk) => {
    desk.ended(desk.callOut(), { status: 486 });
    desk.clock.run(60_000);
    return '';
  },
};

type Happening = (desk: Desk, call: string) => void;

const HAPPENINGS = {
  lift: (desk) => desk.lift(),
  'put down': (desk) => desk.putDown(),
  flash: (desk) => desk.flash(),
  'press 5': (desk) => desk.press('5'),
  incoming: (desk) => desk.incoming('in-2', 'Carol'),
  answer: (desk) => desk.give({ kind: 'answer' }),
  'hang-up': (desk) => desk.give({ kind: 'hang-up' }),
  dial: (desk) => desk.give({ kind: 'dial', request: 1, number: '999' }),
  '180': (desk, call) => desk.progress(call, 180),
  'peer ends': (desk, call) => desk.ended(call, { by: 'peer', status: 487 }),
} as const satisfies Record<string, Happening>;

/** What follows: the state, and the SIP commands given, if any. */
type Row = Readonly<Record<keyof typeof HAPPENINGS, string>>;

/** Nothing happens, but a second caller hears busy. */
const still = (state: HandsetState): Row => ({
  lift: state,
  'put down': state,
  flash: state,
  'press 5': state,
  incoming: `${state} reject`,
  answer: state,
  'hang-up': state,
  dial: state,
  '180': state,
  'peer ends': state,
});

const beside = (state: HandsetState): Row => ({
  ...still(state),
  'put down': 'idle',
  flash: 'dial-tone',
  dial: 'calling call',
});

const EXPECTED: Readonly<Record<HandsetState, Row>> = {
  idle: { ...still('idle'), lift: 'dial-tone', incoming: 'ringing ring', dial: 'calling call' },
  ringing: {
    ...still('ringing'),
    lift: 'talking accept',
    answer: 'talking accept',
    'hang-up': 'idle reject',
    'peer ends': 'idle',
  },
  'dial-tone': { ...still('dial-tone'), 'put down': 'idle', 'press 5': 'dialling', dial: 'calling call' },
  dialling: { ...still('dialling'), 'put down': 'idle', flash: 'dial-tone', dial: 'calling call' },
  calling: {
    ...still('calling'),
    'put down': 'idle hang-up',
    'hang-up': 'busy hang-up',
    '180': 'ringback',
    'peer ends': 'congestion',
  },
  ringback: {
    ...still('ringback'),
    'put down': 'idle hang-up',
    'hang-up': 'busy hang-up',
    'peer ends': 'congestion',
  },
  'early-media': {
    ...still('early-media'),
    'put down': 'idle hang-up',
    'hang-up': 'busy hang-up',
    '180': 'ringback',
    'peer ends': 'congestion',
  },
  talking: {
    ...still('talking'),
    'put down': 'idle hang-up',
    'hang-up': 'busy hang-up',
    flash: 'holding reinvite',
    'peer ends': 'busy',
  },
  holding: {
    ...still('holding'),
    'put down': 'idle hang-up',
    'hang-up': 'busy hang-up',
    flash: 'talking reinvite',
    'peer ends': 'busy',
  },
  service: { ...still('service'), 'put down': 'idle', 'hang-up': 'busy' },
  busy: beside('busy'),
  congestion: beside('congestion'),
  'special-information': beside('special-information'),
  howler: beside('howler'),
};

/** First line of the display in each state. */
const TITLE: Readonly<Record<HandsetState, RegExp>> = {
  idle: /^Kitchen +204$/,
  ringing: /^Incoming call$/,
  'dial-tone': /^Kitchen +204$/,
  dialling: /^Dial$/,
  calling: /^Calling$/,
  ringback: /^Ringing$/,
  'early-media': /^Calling$/,
  talking: /^Talking/,
  holding: /^On hold/,
  service: /^Echo test$/,
  busy: /^(Busy|Call ended)$/,
  congestion: /^Call failed$/,
  'special-information': /^Unobtainable$/,
  howler: /^$/,
};

for (const state of HANDSET_STATES) {
  for (const [what, happen] of Object.entries(HAPPENINGS)) {
    const expected = EXPECTED[state][what as keyof typeof HAPPENINGS];
    test(`${state}: ${what} → ${expected}`, (t) => {
      const desk = new Desk();
      const call = REACH[state](desk);
      t.is(desk.phone.state, state);
      t.regex(desk.lines[0] ?? '', TITLE[state]);
      desk.forget();
      happen(desk, call);
      t.is([desk.phone.state, ...desk.asked].join(' '), expected);
      t.regex(desk.lines[0] ?? '', TITLE[desk.phone.state]);
    });
  }
}

for (const state of HANDSET_STATES) {
  test(`${state}: on hook in the end, nothing sounds and nothing waits`, (t) => {
    const desk = new Desk();
    REACH[state](desk);
    if (state === 'ringing') desk.give({ kind: 'hang-up' });
    else desk.putDown();
    desk.clock.run(60_000);
    t.is(desk.phone.state, 'idle');
    t.is(desk.tone, undefined);
    t.true([undefined, 'nothing'].includes(desk.joined));
    t.is(desk.phone.front().bell, null);
    t.is(desk.phone.front().hook, 'on');
    t.is(desk.phone.deadline, Number.POSITIVE_INFINITY);
    t.true(desk.phone.calls().every((call) => call.state === 'ended'));
  });
}

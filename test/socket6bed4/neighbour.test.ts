/** The machine of one neighbour: its states and timers, without packets. */
import test from 'ava';
import { Neighbour } from '#socket6bed4/peer/neighbour.ts';

const START = 1_000_000;

const isDirect = ({ path }: Neighbour): boolean => path === 'direct';

/** Goes from deadline to deadline; the times of probes after `from`, until `until`. */
function probes(
  machine: Neighbour,
  from: number,
  until: number,
  meanwhile: (now: number) => void = () => {},
) {
  const times: number[] = [];
  while (machine.deadline <= until) {
    const now = machine.deadline;
    meanwhile(now);
    if (machine.expire(now)) times.push(now - from);
  }
  return times;
}

function proven(at = START): Neighbour {
  const machine = new Neighbour(30_000);
  machine.sending(at);
  machine.advertised(at);
  return machine;
}

/** A call that goes direct both ways, 50 packets a second; its last moment is returned. */
function talk(machine: Neighbour, from: number, ms: number): number {
  for (let at = from; at < from + ms; at += 20) {
    machine.heard(at, true);
    machine.sending(at);
  }
  return from + ms - 20;
}

test('the first packet goes relayed with a probe, and probes follow after 1 s and 2 s', (t) => {
  const machine = new Neighbour(30_000);
  t.true(machine.sending(START));
  t.false(isDirect(machine));
  t.false(machine.sending(START + 20));
  t.deepEqual(probes(machine, START, START + 2000), [1000, 2000]);
  t.is(machine.state, 'fail');
});

test('a neighbour that cannot be reached is probed every 25 s while there is traffic', (t) => {
  const machine = new Neighbour(30_000);
  machine.sending(START);
  const times = probes(machine, START, START + 120_000, (now) => machine.sending(now - 10));
  t.deepEqual(times, [1000, 2000, 27_000, 52_000, 77_000, 102_000]);
});

test('without traffic it is not probed any more, and forgotten after 60 s', (t) => {
  const machine = new Neighbour(30_000);
  machine.sending(START);
  machine.sending(START + 2100);
  t.deepEqual(probes(machine, START, START + 62_099), [1000, 2000, 27_000]);
  t.is(machine.state, 'idle');
  t.is(machine.deadline, START + 62_100);
  machine.expire(START + 62_100);
  t.is(machine.state, 'gone');
});

test('traffic that comes back before that is probed for at once', (t) => {
  const machine = new Neighbour(30_000);
  machine.sending(START);
  probes(machine, START, START + 52_500);
  t.is(machine.state, 'idle');
  t.true(machine.sending(START + 53_000));
  t.is(machine.state, 'fail');
});

test('an advertisement proves the path, but only within 5 s of a solicitation and once', (t) => {
  const machine = new Neighbour(30_000);
  machine.sending(START);
  t.true(machine.advertised(START + 50));
  t.true(isDirect(machine));
  t.false(machine.advertised(START + 60));
  const late = new Neighbour(30_000);
  late.sending(START);
  t.false(late.advertised(START + 5001));
  t.false(isDirect(late));
});

test('a Seen flag proves the path, but only if something was sent there in the last 27 s', (t) => {
  const stranger = new Neighbour(30_000);
  stranger.seen(START);
  t.false(isDirect(stranger));
  const machine = new Neighbour(30_000);
  machine.sending(START);
  machine.seen(START + 27_001);
  t.false(isDirect(machine));
  machine.seen(START + 27_000);
  t.true(isDirect(machine));
});

test('PEER lasts 25 s, then two polls a second apart, then FAIL', (t) => {
  const machine = proven();
  machine.sending(START + 10_000);
  t.deepEqual(probes(machine, START, START + 26_999), [25_000, 26_000]);
  t.true(isDirect(machine));
  t.deepEqual(probes(machine, START, START + 27_000), [27_000]);
  t.false(isDirect(machine));
});

test('a proof in either poll makes it PEER again', (t) => {
  for (const at of [25_100, 26_100]) {
    const machine = proven();
    machine.sending(START + 10_000);
    probes(machine, START, START + at);
    t.true(machine.advertised(START + at));
    t.is(machine.state, 'peer');
    t.is(machine.deadline, START + at + 25_000);
  }
});

test('without traffic PEER ends quietly', (t) => {
  const machine = proven();
  machine.heard(START + 24_000, true);
  t.deepEqual(probes(machine, START, START + 24_999), []);
  t.true(isDirect(machine));
  t.deepEqual(probes(machine, START, START + 25_000), []);
  t.is(machine.state, 'gone');
});

test('every proof begins the 25 s anew', (t) => {
  const machine = proven();
  machine.sending(START + 20_000);
  machine.seen(START + 20_010);
  t.is(machine.deadline, START + 45_010);
});

test('being heard while it is relayed triggers one probe a second, beside those of the timers', (t) => {
  const machine = new Neighbour(30_000);
  machine.sending(START);
  t.true(machine.heard(START + 40, false));
  t.false(machine.heard(START + 41, false));
  t.false(machine.heard(START + 1039, true));
  t.true(machine.heard(START + 1040, true));
  machine.advertised(START + 1050);
  t.false(machine.heard(START + 3000, true), 'no need of it once proven');
});

test('a stranger that is heard gets one probe, and three once we send', (t) => {
  const machine = new Neighbour(30_000);
  t.true(machine.heard(START, false));
  t.deepEqual(probes(machine, START, START + 24_999), []);
  t.true(machine.sending(START + 24_999));
  t.is(machine.state, 'init1');
});

test('a stranger to whom we never send is forgotten after 25 s', (t) => {
  const machine = new Neighbour(30_000);
  machine.heard(START, false);
  t.deepEqual(probes(machine, START, START + 25_000), []);
  t.is(machine.state, 'gone');
});

test('Seen is said to who was heard in the last 27 s, while our hole lasts 28 s more', (t) => {
  const machine = new Neighbour(30_000);
  machine.sending(START);
  t.false(machine.maySaySeen(START), 'nothing was heard');
  machine.heard(START + 10, false);
  t.true(machine.maySaySeen(START + 2009));
  t.false(machine.maySaySeen(START + 2010), 'the probe of START + 10 is 2 s old');
  machine.advertised(START + 2011);
  machine.sending(START + 27_010);
  t.true(machine.maySaySeen(START + 27_010), 'the packet itself opens the hole');
  machine.sending(START + 27_011);
  t.false(machine.maySaySeen(START + 27_011), 'heard 27 s ago');
});

test('a longer hole widens the window, one below 28 s closes it', (t) => {
  for (const [hole, window] of [
    [60_000, 32_000 - 1],
    [27_000, -1],
  ] as const) {
    const machine = new Neighbour(hole);
    machine.sending(START);
    machine.heard(START, false);
    for (const after of [0, 2500, 26_000]) t.is(machine.maySaySeen(START + after), after <= window);
  }
});

test('an advertisement of ours opens the hole too', (t) => {
  const machine = new Neighbour(30_000);
  machine.heard(START, false);
  t.false(machine.maySaySeen(START + 2000));
  machine.answered(START + 2000);
  t.true(machine.maySaySeen(START + 3999));
});

test('a call that falls silent for 600 ms is suspected: relayed, probes at once, after 300 ms and 1 s', (t) => {
  const machine = proven();
  let at = talk(machine, START, 2000);
  let probed = false;
  while (isDirect(machine) && at < START + 5000) {
    at += 20;
    probed = machine.sending(at);
  }
  t.true(probed);
  // The last frame came with the last packet answered, so the first unanswered one went at that moment.
  t.is(at, START + 1980 + 600);
  t.deepEqual(probes(machine, at, at + 1999), [300, 1000]);
  t.is(machine.state, 'suspect3');
  t.false(isDirect(machine));
  machine.expire(machine.deadline);
  t.is(machine.state, 'fail');
});

test('who answers the suspicion is PEER at once, and not suspected again before it talks again', (t) => {
  const machine = proven();
  const silent = talk(machine, START, 1000);
  let at = silent;
  for (; isDirect(machine); at += 20) machine.sending(at);
  t.true(machine.advertised(at + 40));
  t.true(isDirect(machine));
  for (const end = at + 20_000; at < end; at += 20) t.false(machine.sending(at));
  t.true(isDirect(machine), 'on hold');
  talk(machine, at, 1000);
  at += 1000;
  for (const end = at + 1000; at < end && isDirect(machine); at += 20) machine.sending(at);
  t.false(isDirect(machine), 'silent again');
});

test('who never talked is not suspected, nor who talked long ago, nor whom we hardly send anything', (t) => {
  const listener = proven();
  for (let at = START; at < START + 20_000; at += 20) t.false(listener.sending(at));
  const paused = proven();
  const end = talk(paused, START, 1000);
  for (let at = end + 4500; at < end + 20_000; at += 20) t.false(paused.sending(at), `${at - end}`);
  const sparse = proven();
  talk(sparse, START, 1000);
  for (let at = START + 1000; at < START + 3000; at += 600) t.false(sparse.sending(at));
});

test('after a pause of both sides the other one has 600 ms to answer', (t) => {
  const machine = proven();
  const end = talk(machine, START, 1000);
  for (let at = end + 3000; at < end + 3600; at += 20) t.false(machine.sending(at));
  t.true(machine.sending(end + 3600));
});

test('who was told to be dead is suspected at once, but only if its path is direct', (t) => {
  const machine = proven();
  t.true(machine.suspect(START + 10));
  t.false(isDirect(machine));
  t.false(machine.suspect(START + 20));
  t.true(machine.advertised(START + 30));
  t.true(isDirect(machine));
});

test('frames that came direct and now come relayed are suspicious, at most once in 2 s', (t) => {
  const machine = proven();
  const end = talk(machine, START, 1000);
  t.false(machine.relayed(end + 299), 'overtaken');
  t.true(machine.relayed(end + 300));
  t.false(isDirect(machine));
  machine.advertised(end + 320);
  talk(machine, end + 320, 100);
  t.false(machine.relayed(end + 1000), 'too soon');
  t.true(machine.relayed(end + 2300));
});

test('relayed frames are no surprise from who sent none directly, or none for 5 s', (t) => {
  const never = proven();
  never.heard(START + 10, false);
  t.false(never.relayed(START + 1000));
  const long = proven();
  const end = talk(long, START, 100);
  t.false(long.relayed(end + 5001));
});

test('a suspicion forgets what was heard: no Seen flag until something comes anew', (t) => {
  const machine = proven();
  const end = talk(machine, START, 1000);
  t.true(machine.maySaySeen(end));
  machine.suspect(end + 20);
  t.false(machine.maySaySeen(end + 20));
  machine.heard(end + 60, false);
  t.true(machine.maySaySeen(end + 60));
});

test('a tick long after its time still goes one step only', (t) => {
  const machine = new Neighbour(30_000);
  machine.sending(START);
  t.true(machine.expire(START + 3_600_000));
  t.is(machine.state, 'init2');
  t.true(machine.deadline > START + 3_600_000);
});

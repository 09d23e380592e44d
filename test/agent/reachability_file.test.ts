/** What was learnt of servers and families, kept across restarts. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { ReachabilityFile } from '#agent/reachability_file.ts';
import type { ReachabilityState } from '#sip/request/reachability.ts';

const STATE: ReachabilityState = {
  families: {
    attachment: 'eth0 192.0.2.254',
    destinations: [
      {
        attachment: 'eth0 192.0.2.254',
        destination: 'example.com',
        p: -20,
        failing: [6],
        before: 5,
        winner: 4,
      },
      { attachment: 'wlan0 x', destination: 'example.net', p: 20, ignoresOptions: true },
    ],
  },
  proven: ['udp 192.0.2.1:5060'],
  dead: ['udp [2001:db8::1]:5060'],
};

function stand(t: ExecutionContext) {
  const data = mkdtempSync(join(tmpdir(), 'preference-'));
  t.teardown(() => rmSync(data, { recursive: true }));
  const warnings: string[] = [];
  const open = () => new ReachabilityFile(data, (text) => warnings.push(text));
  return { data, path: join(data, 'reachability.json'), warnings, open };
}

test('what is kept is read by the next run', (t) => {
  const { data, path, warnings, open } = stand(t);
  t.is(open().read(), undefined);
  open().keep(STATE);
  t.deepEqual(open().read(), STATE);
  t.deepEqual(readdirSync(data), ['reachability.json']);
  t.is(statSync(path).mode & 0o777, 0o600);
  t.deepEqual(warnings, []);
});

test('what could not be kept is kept as soon as it can be', (t) => {
  const { data, warnings, open } = stand(t);
  const file = open();
  rmSync(data, { recursive: true });
  file.keep(STATE);
  t.regex(warnings.join(), /cannot keep what was learnt of servers: ENOENT/);
  mkdirSync(data);
  file.keep(STATE);
  t.deepEqual(open().read(), STATE);
});

test('what has not changed is not written again', (t) => {
  const { path, open } = stand(t);
  open().keep(STATE);
  utimesSync(path, 1, 1);
  const next = open();
  next.read();
  next.keep(STATE);
  t.is(statSync(path).mtimeMs, 1_000);
  next.keep({ ...STATE, proven: [] });
  t.true(statSync(path).mtimeMs > 1_000);
});

test('a spoilt file is told of and not used', (t) => {
  const { path, warnings, open } = stand(t);
  const spoilt = [
    '',
    '{',
    'null',
    '[]',
    JSON.stringify({ ...STATE, dead: [1] }),
    JSON.stringify({ ...STATE, families: { attachment: 'x', destinations: [{}] } }),
  ];
  for (const text of spoilt) {
    writeFileSync(path, text);
    t.is(open().read(), undefined);
  }
  t.is(warnings.length, spoilt.length);
  t.regex(warnings[0] ?? '', /reachability\.json is not used/);
});

test('whatever JSON the file holds, nothing throws', (t) => {
  const { path, open } = stand(t);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc
          .record({
            attachment: fc.jsonValue(),
            destination: fc.jsonValue(),
            p: fc.jsonValue(),
            failing: fc.jsonValue(),
          })
          .map((one) => JSON.stringify({ ...STATE, families: { attachment: 'x', destinations: [one] } })),
      ),
      (text) => {
        writeFileSync(path, text);
        open().read();
      },
    ),
    { numRuns: 100 },
  );
  t.pass();
});

test('a full or missing disk costs what was learnt, not the phone', (t) => {
  const warnings: string[] = [];
  const file = new ReachabilityFile('/nowhere/at/all', (text) => warnings.push(text));
  t.is(file.read(), undefined);
  file.keep(STATE);
  t.regex(warnings[0] ?? '', /cannot keep/);
  t.throws(() => readFileSync('/nowhere/at/all/reachability.json'));
});

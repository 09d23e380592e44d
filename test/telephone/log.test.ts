/** The log of a running telephone, in which words of strangers stand. */
import test from 'ava';
import { Journal, warnOf } from '../../firmware/telephone/log.ts';

const NAME = 'Hall\u001b[2J\u009b1m\r\n12:00:00 info  all is well';

function stand(interactive: boolean) {
  const lines: string[] = [];
  const terminal = { out: (line: string) => void lines.push(line), interactive };
  return { lines, journal: new Journal('info', terminal, () => Date.UTC(2026, 10, 20, 12)) };
}

test('a neighbour’s name neither steers the terminal nor looks like a line of the log', (t) => {
  const { lines, journal } = stand(true);
  journal.log('info', `neighbour ${NAME}`);
  const [line = ''] = lines;
  t.regex(line, /^\d\d:\d\d:\d\d info {2}neighbour Hall\\x1b\[2J\\x9b1m\n {4}12:00:00 info/);
});

test('to a journal it is one line of JSON', (t) => {
  const { lines, journal } = stand(false);
  journal.log('warn', NAME);
  t.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [{ time: '2026-11-20T12:00:00.000Z', level: 'warn', text: NAME }],
  );
});

test('a file with a thousand odd keys is twenty warnings and how many more there are', (t) => {
  const lines: string[] = [];
  warnOf(
    (_, text) => void lines.push(text),
    Array.from({ length: 1000 }, (_, n) => `/key${n}: unknown key, ignored`),
  );
  t.is(lines.length, 21);
  t.regex(lines.at(-1) ?? '', /^and 980 more/);
});

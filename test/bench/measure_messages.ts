/** Child of run.ts: `node measure_messages.ts parse-invite|answer-options STACK` prints thousands a CPU-second. */
import { DESCRIPTION, INVITES, OPTIONS } from './messages.ts';
import { rate } from './rate.ts';
import type { Stack } from './stacks/stack.ts';

const [what = '', name = ''] = process.argv.slice(2);
const { stack } = (await import(`./stacks/${name}.ts`)) as { stack: Stack };

/** A stack that reads nothing is quick: look before counting. */
function check(): void {
  const [invite, options] = [INVITES[0], OPTIONS[0]];
  if (invite === undefined || options === undefined) throw new Error('no messages');
  const seen = stack.parse(invite);
  if (seen.method !== 'INVITE' || seen.vias !== 4 || seen.body !== DESCRIPTION.length) {
    throw new Error(`${name} read ${JSON.stringify(seen)}`);
  }
  const answer = Buffer.from(stack.answer(options)).toString();
  const wanted = ['SIP/2.0 200 OK\r\n', 'z9hG4bKhjhs8ass100', '\r\nCall-ID: a84b4c76e66710100\r\n', ';tag='];
  if (!wanted.every((part) => answer.includes(part))) throw new Error(`${name} answered ${answer}`);
}

const WORK: Readonly<Record<string, readonly [readonly Buffer[], (octets: Buffer) => unknown]>> = {
  'parse-invite': [INVITES, (octets) => stack.parse(octets)],
  'answer-options': [OPTIONS, (octets) => stack.answer(octets)],
};
const [messages, work] = WORK[what] ?? [];
if (messages === undefined || work === undefined) throw new Error(`no such measurement: ${what}`);

check();
const perSecond = await rate(() => {
  for (const octets of messages) work(octets);
  return messages.length;
});
console.log(JSON.stringify({ value: perSecond / 1000 }));

/** What is measured, of whom, and how good it shall be. */

export interface Contender {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  /** Which of the figures that the script prints; default `value`. */
  readonly figure?: string;
  /** A program of the system, without which there is nothing to measure. */
  readonly program?: string;
  /** No contender but what nobody can go below: no ratio makes sense. */
  readonly isFloor?: boolean;
}

export interface Measurement {
  readonly title: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
  /** What we want to reach; absent: no worse than the others. */
  readonly goal?: number;
  readonly ours: Contender;
  readonly others: readonly Contender[];
}

/** Names as people know them, and the files that speak for them. */
const RIVALS = [
  ['sip 0.0.6', 'sip'],
  ['JsSIP 3.13.8', 'jssip'],
  ['SIP.js 0.21.2', 'sipjs'],
] as const;

function messages(what: string): Pick<Measurement, 'ours' | 'others'> {
  const contender = (name: string, file: string) => ({
    name,
    script: 'measure_messages.ts',
    args: [what, file],
  });
  return {
    ours: contender('ours', 'ours'),
    others: RIVALS.map(([name, file]) => contender(name, file)),
  };
}

/** A call of 20 s to an echo. All figures of one telephone and one `how` come from the same call. */
function media(how: 'idle' | 'flood', figure: string): Pick<Measurement, 'ours' | 'others'> {
  const script = 'measure_media.ts';
  const baresip = { name: 'baresip', script, args: ['baresip', how], figure, program: 'baresip' };
  return { ours: { name: 'ours', script, args: ['firmware', how], figure }, others: [baresip] };
}

/** All figures come from one run, in which node:dgram has its turns. */
function sixbed4(figure: string, suffix = '-added'): Pick<Measurement, 'ours' | 'others'> {
  const script = 'measure_sixbed4.ts';
  const plain = { name: 'node:dgram', script, args: [], figure: `${figure}-plain`, isFloor: true };
  return { ours: { name: 'ours', script, args: [], figure: `${figure}${suffix}` }, others: [plain] };
}

const own = (script: string, ...args: string[]): Contender => ({ name: 'ours', script, args });

export const PLAN: readonly Measurement[] = [
  {
    title: 'read the seed INVITE',
    unit: 'thousand/CPU-s',
    better: 'more',
    goal: 300,
    ...messages('parse-invite'),
  },
  {
    title: 'read OPTIONS, write 200',
    unit: 'thousand/CPU-s',
    better: 'more',
    ...messages('answer-options'),
  },
  {
    title: 'complete calls, both ends',
    unit: 'calls/CPU-s',
    better: 'more',
    goal: 8_000,
    ours: own('measure_calls.ts', 'ours'),
    others: [{ name: 'sip 0.0.6', script: 'measure_calls.ts', args: ['sip'] }],
  },
  {
    title: 'start to REGISTER on the wire',
    unit: 'ms',
    better: 'less',
    goal: 133,
    ours: own('measure_start.ts', 'firmware', 'start'),
    others: [{ name: 'Node alone', script: 'measure_start.ts', args: ['node', 'start'], isFloor: true }],
  },
  {
    title: 'resident memory, registered, with its page',
    unit: 'MB',
    better: 'less',
    goal: 80,
    ours: media('idle', 'registered').ours,
    others: [{ name: 'Node alone', script: 'measure_start.ts', args: ['node', 'rss'], isFloor: true }],
  },
  { title: 'resident memory, in a call', unit: 'MB', better: 'less', goal: 100, ...media('idle', 'rss') },
  {
    title: 'RTP intervals, p99 off 20 ms',
    unit: 'ms',
    better: 'less',
    goal: 1,
    ...media('idle', 'p99'),
  },
  {
    title: 'the same under a SIP flood',
    unit: 'ms',
    better: 'less',
    goal: 3,
    ...media('flood', 'p99'),
  },
  {
    title: 'CPU of a minute of G.711',
    unit: 'ms',
    better: 'less',
    goal: 1150,
    ...media('idle', 'cpu'),
  },
  {
    title: 'agent bundle, gzipped',
    unit: 'kB',
    better: 'less',
    goal: 150,
    ours: own('measure_size.ts'),
    others: [],
  },
  {
    title: '6bed4 direct, CPU added to send a packet',
    unit: 'µs',
    better: 'less',
    goal: 10,
    ...sixbed4('sending'),
  },
  {
    title: '6bed4 direct, CPU added to receive one',
    unit: 'µs',
    better: 'less',
    goal: 10,
    ...sixbed4('receiving'),
  },
  {
    title: '6bed4 direct, added round trip, p50',
    unit: 'µs',
    better: 'less',
    goal: 110,
    ...sixbed4('p50'),
  },
  { title: '6bed4 direct, added round trip, p95', unit: 'µs', better: 'less', ...sixbed4('p95') },
  {
    title: '6bed4 direct, loss at 2000 packets/s',
    unit: '%',
    better: 'less',
    goal: 0,
    ...sixbed4('loss-slow', ''),
  },
  { title: '6bed4 direct, loss at 10 000 packets/s', unit: '%', better: 'less', ...sixbed4('loss-fast', '') },
  {
    title: '6bed4 router, packets relayed',
    unit: 'thousand/CPU-s',
    better: 'more',
    ours: own('measure_router6bed4.ts', 'router'),
    others: [{ name: 'Node sending back', script: 'measure_router6bed4.ts', args: ['node'], isFloor: true }],
  },
];

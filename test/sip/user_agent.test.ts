/** The user agent against bad input: the RFCs' torture messages, and what is left of all messages when damaged. */
import test from 'ava';
import { readMessage } from '#sip/message/message.ts';
import type { Flow, SipEffect } from '#sip/types.ts';
import { UserAgent } from '#sip/user_agent.ts';
import { mutations } from '../support/mutate.ts';
import { tokens } from '../support/pair.ts';
import { ALL_OCTETS, TORTURE } from './vectors.ts';

const FLOW: Flow = {
  transport: 'udp',
  local: { family: 4, address: '192.0.2.2', port: 5060 },
  remote: { family: 4, address: '192.0.2.7', port: 5060 },
};

function agentFor(acceptFrom: 'known' | 'anyone' = 'anyone'): UserAgent {
  return new UserAgent({
    accounts: [],
    contactUser: 'token',
    name: '',
    extension: '204',
    random: tokens('agent'),
    userAgent: 'test',
    admission: { acceptFrom, allow: [] },
  });
}

/** Final statuses among the effects. */
function answersIn(effects: readonly SipEffect[]): number[] {
  return effects.flatMap((effect) => {
    const status = effect.kind === 'send' ? readMessage(effect.octets)?.status : undefined;
    return status === undefined || status < 200 ? [] : [status];
  });
}

function isAlive(agent: UserAgent, now: number): boolean {
  const octets = Buffer.from(
    'OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKalive\r\nFrom: <sip:b>;tag=1\r\n' +
      'To: <sip:a>\r\nCall-ID: alive\r\nCSeq: 1 OPTIONS\r\n\r\n',
  );
  return answersIn(agent.handle({ kind: 'received', flow: FLOW, octets }, now)).includes(200);
}

/** Our answer where the manifest leaves it open or speaks of registrars and proxies, which this agent is not. */
const OURS: Readonly<Record<string, number>> = {
  // A To tag of no dialog of ours.
  wsinv: 481,
  escnull: 405,
  dblreq: 405,
  mpart01: 405,
  unksm2: 405,
  cparam01: 405,
  cparam02: 405,
  regescrt: 405,
  'ipv6-good': 405,
  'port-ambiguous': 405,
  'port-unambiguous': 405,
};
/** INVITEs that ring. */
const RINGING = new Set(['esc01', 'longreq', 'inv2543']);

for (const { set, name, title, parser, statuses, kind, octets } of TORTURE) {
  test(`${set} ${name}, ${title}: the agent does as it should, and lives`, (t) => {
    const agent = agentFor();
    const effects = agent.handle({ kind: 'received', flow: FLOW, octets }, 0);
    const answers = answersIn(effects);
    if (kind === 'response') t.deepEqual(answers, []);
    else if (RINGING.has(name)) t.true(effects.some((effect) => effect.kind === 'incoming'));
    else if (OURS[name] !== undefined) t.deepEqual(answers, [OURS[name]]);
    else if (parser === 'may') t.true(answers.length <= 1);
    else if (statuses.length > 0) t.true(statuses.includes(answers[0] ?? 0), `${answers}`);
    else t.is(answers.length, 1, `${effects.map((effect) => effect.kind)}`);
    t.true(isAlive(agent, 1));
  });

  test(`${set} ${name} from a stranger gets no answer`, (t) => {
    const effects = agentFor('known').handle({ kind: 'received', flow: FLOW, octets }, 0);
    t.true(effects.every(({ kind }) => kind === 'dropped'));
  });
}

test('damaged messages, twenty thousand of them, never stop the agent', (t) => {
  const agent = agentFor();
  let now = 0;
  for (const octets of mutations(ALL_OCTETS, 20_000, 7)) {
    now += 50;
    const effects = agent.handle({ kind: 'received', flow: FLOW, octets }, now);
    for (const effect of effects) {
      if (effect.kind === 'incoming') agent.handle({ kind: 'accept', call: effect.call }, now);
      if (effect.kind === 'describe') agent.handle({ kind: 'described', call: effect.call, sdp: 'v=0' }, now);
    }
    if (agent.deadline <= now) agent.handle({ kind: 'tick' }, now);
  }
  t.true(isAlive(agent, now));
  for (let turns = 0; agent.deadline !== Number.POSITIVE_INFINITY && turns < 1_000_000; turns++) {
    now = Math.max(now, agent.deadline);
    for (const effect of agent.handle({ kind: 'tick' }, now))
      if (effect.kind === 'locate')
        agent.handle({ kind: 'located', ticket: effect.ticket, groups: [], error: 'nowhere' }, now);
  }
  t.deepEqual(Object.values(agent.load), [0, 0, 0, 0, 0, 0]);
});

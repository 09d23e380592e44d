/** The machine that fetches, with servers of which the test writes every answer, and a clock that jumps. */
import type { Answer } from '#provisioning/fetch/attempt.ts';
import { Fetching } from '#provisioning/fetch/fetching.ts';
import type { Presented } from '#provisioning/fetch/trust.ts';
import type { FetchEffect, FetchInput, FetchingOptions, Question } from '#provisioning/fetch/types.ts';
import type { Mapping } from '#provisioning/schema_shape.ts';
import type { Candidate, Step } from '#provisioning/types.ts';
import { Clock } from '../../support/clock.ts';
import { IDENTITY } from '../identity_here.ts';

export const KEY: Presented = {
  keys: ['sha256/own'],
  named: true,
  proved: false,
  datesOnly: false,
  inDate: true,
};

export function candidate(url: string, step: Step = 'dhcp', more: Partial<Candidate> = {}): Candidate {
  return { step, url, family: 4, from: `${step} on eth0`, order: 0, ...more };
}

export function content(value: Mapping = {}, more: object = {}): Answer {
  return {
    kind: 'content',
    content: {
      ...{ octets: new Uint8Array(0), includes: [], format: 'dualtone', value, unknown: [], warnings: [] },
      ...{ validators: { etag: '"1"' }, shown: KEY, ...more },
    },
  };
}

export const NOBODY: Answer = { kind: 'failed', failure: { kind: 'unreachable', error: 'nobody there' } };

export function stand(options: Partial<FetchingOptions> = {}) {
  const clock = new Clock(0);
  const machine = new Fetching({
    ...{ identity: IDENTITY, compat: [], interval: 86_400, allowTftp: false, chance: () => 0, ...options },
  });
  const effects: FetchEffect[] = [];
  const asked: { readonly at: number; readonly url: string; readonly question: Question }[] = [];
  /** By URL: the answer and the ms that it takes; undefined: none comes. */
  const servers = new Map<string, Answer | ((question: Question) => Answer | undefined)>();
  const delay = new Map<string, number>();
  const give = clock.drive<FetchInput, FetchEffect>(machine, (effect) => {
    effects.push(effect);
    if (effect.kind !== 'ask') return;
    const { ticket, question } = effect;
    asked.push({ at: clock.now, url: question.url, question });
    const server = servers.get(question.url);
    const answer = typeof server === 'function' ? server(question) : (server ?? NOBODY);
    if (answer !== undefined)
      clock.after(delay.get(question.url) ?? 10, () => give({ kind: 'answer', ticket, answer }));
  });
  const of = <K extends FetchEffect['kind']>(kind: K) =>
    effects.filter((effect): effect is Extract<FetchEffect, { kind: K }> => effect.kind === kind);
  const find = (...candidates: Candidate[]) => give({ kind: 'candidates', candidates });
  const urls = () => asked.map(({ url }) => url);
  const standing = () => of('fetched').at(-1)?.standing;
  return { clock, machine, give, find, of, asked, urls, servers, delay, standing };
}

export const A = 'https://a.example/x.json';
export const B = 'https://b.example/x.json';

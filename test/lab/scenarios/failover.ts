/**
 * What an outage costs: milliseconds from the first packet of an attempt to the request at a server that lives, for us
 * and for Debian's baresip, side by side. Ours three times: knowing nothing (cold), once more with what was learned
 * (warm), and with knowledge that the outage has just made wrong.
 */
import type { PeerProcess } from '../../support/process.ts';
import { type Aim, attempt, type Reached } from '../attempt.ts';
import type { Capture } from '../capture.ts';
import type { Host } from '../host.ts';
import { Lab } from '../lab.ts';
import { BaresipHere } from '../peers/baresip.ts';
import { startPhone } from '../phone.ts';
import { type Stage, serversOf, setStage, TROUBLES, type Trouble } from './failover_stage.ts';

export type Method = 'REGISTER' | 'INVITE';
export type Transport = 'udp' | 'tcp' | 'tls';

export interface Case {
  readonly trouble: Trouble;
  readonly method: Method;
  readonly transport: Transport;
}

/** Milliseconds; undefined: not within the limit; null: not tried, since what it builds on failed. */
export type Result = number | undefined | null;

export interface Row extends Case {
  readonly cold: Result;
  readonly warm: Result;
  readonly wrong: Result;
  readonly baresip: Result;
}

export interface FailoverOptions {
  readonly cases: readonly Case[];
  /** Who is measured. */
  readonly who: readonly ('us' | 'baresip')[];
  /** Milliseconds after which an attempt has failed. */
  readonly limit: number;
  /** The servers ignore OPTIONS. */
  readonly deaf?: boolean;
  /** Cases of ours that run at the same time; baresip's all do, as they mostly wait. */
  readonly parallel: number;
}

export function allCases(): readonly Case[] {
  return TROUBLES.flatMap((trouble) =>
    (['REGISTER', 'INVITE'] as const).flatMap((method) =>
      (['udp', 'tcp', 'tls'] as const).map((transport) => ({ trouble, method, transport })),
    ),
  );
}

/** Rows in the order of the cases; `branches` are requests that a living server saw under two branches. */
export async function failover(
  options: FailoverOptions,
): Promise<{ readonly rows: readonly Row[]; readonly branches: readonly string[] }> {
  await using lab = await Lab.create();
  const stage = await setStage(lab);
  const { cases, who, limit } = options;
  if (options.deaf) {
    for (const server of serversOf(stage)) server.behave({ ignore: ['OPTIONS'] });
  }
  const theirs = Promise.all(
    cases.map((each) => (who.includes('baresip') ? measureBaresip(stage, each, limit) : null)),
  );
  theirs.catch(() => {});
  const queue = [...cases.entries()];
  const ours: Pick<Row, 'cold' | 'warm' | 'wrong'>[] = [];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [index, each] = next;
      ours[index] = who.includes('us') ? await measureUs(stage, each, limit) : NOT_TRIED;
    }
  };
  await Promise.all(Array.from({ length: options.parallel }, worker));
  const baresip = await theirs;
  const rows = cases.map((each, index) => ({
    ...each,
    ...(ours[index] ?? NOT_TRIED),
    baresip: baresip[index],
  }));
  return { rows, branches: secondBranches(stage) };
}

const NOT_TRIED = { cold: null, warm: null, wrong: null } as const;

async function measureUs(
  stage: Stage,
  each: Case,
  limit: number,
): Promise<Pick<Row, 'cold' | 'warm' | 'wrong'>> {
  const [cold, warm] = await inOrder(stage, each, limit, async (caller, measure) => {
    await each.trouble.begin(stage, caller);
    const first = await measure();
    return [first, first === undefined ? null : await measure()];
  });
  const [, wrong] = await inOrder(stage, each, limit, async (caller, measure) => {
    const well = await measure('well');
    await each.trouble.begin(stage, caller);
    return [well, await measure()];
  });
  return { cold, warm, wrong };
}

type Measure = (when?: 'well') => Promise<Result>;
type Story = (caller: Host, measure: Measure) => Promise<readonly [Result, Result]>;

/** Two attempts by one phone that keeps what it learns, on a host of its own. */
async function inOrder(
  stage: Stage,
  each: Case,
  limit: number,
  story: Story,
): Promise<readonly [Result, Result]> {
  const caller = await stage.lab.host(nextName('us'));
  const capture = await caller.capture();
  const us = each.method === 'REGISTER' ? registering(stage, caller, each) : calling(stage, caller, each);
  try {
    return await story(caller, async (when) => {
      const everybody = serversOf(stage).flatMap(({ host }) => host.addresses);
      const living = when === 'well' ? everybody : [each.trouble.living(stage)];
      const reached = await attempt(caller, capture, aimOf(stage, caller, each, living, limit), us.begin);
      await us.finish();
      return reached.ms;
    });
  } finally {
    await us.end();
    await capture.stop();
  }
}

function aimOf(
  stage: Stage,
  caller: Host,
  { method, transport }: Case,
  living: readonly string[],
  limit: number,
): Aim {
  const heard = (since: number) =>
    serversOf(stage)
      .flatMap((server) => server.heard)
      .find(
        (each) =>
          each.method === method &&
          each.time > since &&
          living.includes(each.local) &&
          caller.addresses.includes(each.from),
      )?.time;
  return { method, living, limit, ...(transport === 'tls' ? { heard } : {}) };
}

interface Caller {
  readonly begin: () => Promise<unknown>;
  /** Ends the attempt in order, so that what was learned is kept. */
  readonly finish: () => Promise<unknown>;
  readonly end: () => Promise<unknown>;
}

/** Each attempt is a start: the phone remembers across starts. */
function registering(stage: Stage, caller: Host, { trouble, transport }: Case): Caller {
  const config = {
    accounts: [{ user: 'alice', domain: trouble.domain, transport }],
    net: { tlsCa: stage.certificate.certificate },
  };
  let phone: PeerProcess | undefined;
  const stop = async (): Promise<unknown> => phone?.stop();
  return {
    begin: async () => {
      phone = await startPhone(stage.lab, caller, config);
    },
    finish: stop,
    end: stop,
  };
}

/** Calls by one phone that has no account. */
function calling(stage: Stage, caller: Host, { trouble, transport }: Case): Caller {
  const phone = startPhone(stage.lab, caller, { net: { tlsCa: stage.certificate.certificate } });
  return {
    begin: async () => (await phone).verb('dial', `sip:bob@${trouble.domain};transport=${transport}`),
    finish: async () => (await phone).verb('hangup'),
    end: async () => (await phone).stop(),
  };
}

/** Attempts until one meets the trouble: some versions take the family by chance. */
const MOST_TRIES = 4;

async function measureBaresip(stage: Stage, each: Case, limit: number): Promise<Result> {
  const caller = await stage.lab.host(nextName('baresip'));
  await each.trouble.begin(stage, caller);
  const capture = await caller.capture();
  const aim = aimOf(stage, caller, each, [each.trouble.living(stage)], limit);
  let reached: Reached | undefined;
  for (let tries = 0; tries < MOST_TRIES && reached?.metTrouble !== true; tries++) {
    reached = await baresipAttempt(stage, caller, capture, each, aim);
  }
  await capture.stop();
  return reached?.ms;
}

async function baresipAttempt(
  stage: Stage,
  caller: Host,
  capture: Capture,
  { trouble, method, transport }: Case,
  aim: Aim,
): Promise<Reached> {
  const uri = (user: string) => `sip:${user}@${trouble.domain};transport=${transport}`;
  const lives = Math.ceil(aim.limit / 1000) + 20;
  const account = `<${uri('alice')}>;regint=${method === 'REGISTER' ? 600 : 0};answermode=manual`;
  const dial = method === 'INVITE' ? { dial: uri('bob') } : {};
  let baresip: BaresipHere | undefined;
  try {
    return await attempt(caller, capture, aim, async () => {
      baresip = new BaresipHere(stage.lab, caller, { account, lives, ...dial });
      await baresip.ready();
    });
  } finally {
    await baresip?.process.stop();
  }
}

/** The acceptance: no living server sees a request a second time under another branch. */
function secondBranches(stage: Stage): readonly string[] {
  return serversOf(stage).flatMap(({ host, heard }) => {
    const branches = Map.groupBy(
      heard.filter(({ method }) => method === 'REGISTER' || method === 'INVITE'),
      ({ callId, method, cseq, from }) => `${method} ${cseq} of ${callId} from ${from}`,
    );
    return [...branches].flatMap(([request, seen]) => {
      const count = new Set(seen.map(({ branch }) => branch)).size;
      return count > 1 ? [`${host.name}: ${request} under ${count} branches`] : [];
    });
  });
}

let names = 0;

function nextName(who: string): string {
  return `${who}-${++names}`;
}

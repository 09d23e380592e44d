/** The interface that the page speaks: what may be asked, by whom, and how it is answered. */
import { type Answer, json, later, refusal, wrongAnswer } from './answers.ts';
import type { SessionCookie } from './cookies.ts';
import type { Door, Outcome } from './door.ts';
import { LEAST_LENGTH } from './password.ts';
import { capture } from './pcapng.ts';
import {
  checkRequest,
  claimRequest,
  emptyRequest,
  LARGE,
  loginRequest,
  neighbourRequest,
  passwordRequest,
  read,
  SMALL,
  saveRequest,
  serverRequest,
} from './requests.ts';
import type { Session } from './sessions.ts';
import type { AdminControl } from './types.ts';

/** One request, as far as a route has to know it. */
export interface Visit {
  readonly control: AdminControl;
  readonly door: Door;
  readonly cookie: SessionCookie;
  /** For lockout and log. */
  readonly source: string;
  /** SHA-256 of the certificate, where there is one. */
  readonly fingerprint?: string;
  /** Where the same server has the handset. */
  readonly handset?: string;
  readonly body: Buffer;
  /** Routes that need one have one. */
  readonly session: Session | undefined;
}

export interface Route {
  /** `nothing`: what a visitor needs to become the owner, or to prove to be. */
  readonly needs: 'nothing' | 'session';
  /** Octets of the body. */
  readonly most: number;
  readonly act: (visit: Visit) => Answer | Promise<Answer>;
}

const MALFORMED = refusal(400, 'malformed', 'This is not what the page sends.');

const open = (most: number, act: Route['act']): Route => ({ needs: 'nothing', most, act });
const owned = (most: number, act: Route['act']): Route => ({ needs: 'session', most, act });

/** Method and path behind `/admin/api/`. */
export const ROUTES: Readonly<Record<string, Route>> = {
  'GET session': open(0, sessionState),
  'POST pin': open(SMALL, showPin),
  'POST claim': open(SMALL, claim),
  'POST login': open(SMALL, login),
  'POST logout': owned(SMALL, logout),
  'POST password': owned(SMALL, changePassword),
  'POST alive': owned(SMALL, () => json({})),
  'GET config': owned(0, async ({ control }) => json(await control.config())),
  'POST config/check': owned(LARGE, checkConfig),
  'POST config': owned(LARGE, saveConfig),
  'POST server': owned(SMALL, approveServer),
  'POST neighbour': owned(SMALL, acceptNeighbour),
  'POST selftest': owned(SMALL, selftest),
  'POST reset': owned(SMALL, reset),
  'GET trace.pcapng': owned(0, exportTrace),
};

const PIN_OVER = 'This is not the PIN, and none is shown any longer: let the phone show a new one.';

function sessionState({ door, session, source, fingerprint, handset }: Visit): Answer {
  return json({
    claimed: door.isClaimed,
    in: session !== undefined,
    leastLength: LEAST_LENGTH,
    wait: Math.ceil(door.wait(source) / 1000),
    ...(session === undefined ? {} : { csrf: session.csrf }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(handset === undefined ? {} : { handset }),
  });
}

function showPin({ door, body }: Visit): Answer {
  if (read(emptyRequest, body) === undefined) return MALFORMED;
  const left = door.showPin();
  return left === undefined ? answerTo({ kind: 'claimed' }) : json({ left: Math.ceil(left / 1000) });
}

async function claim({ door, cookie, source, body }: Visit): Promise<Answer> {
  const asked = read(claimRequest, body);
  if (asked === undefined) return MALFORMED;
  const outcome = await door.claim(asked.pin, asked.password, source);
  return answerTo(
    outcome,
    cookie,
    outcome.kind === 'wrong' && outcome.over ? PIN_OVER : 'This is not the PIN.',
  );
}

async function login({ door, cookie, source, body }: Visit): Promise<Answer> {
  const asked = read(loginRequest, body);
  if (asked === undefined) return MALFORMED;
  return answerTo(await door.login(asked.password, source), cookie, 'This is not the password.');
}

async function changePassword({ door, cookie, source, body }: Visit): Promise<Answer> {
  const asked = read(passwordRequest, body);
  if (asked === undefined) return MALFORMED;
  const outcome = await door.changePassword(asked.before, asked.password, source);
  return answerTo(outcome, cookie, 'This is not the present password.');
}

function logout({ door, session, cookie }: Visit): Answer {
  if (session !== undefined) door.logout(session);
  return json({}, 200, { 'Set-Cookie': cookie.clear() });
}

function answerTo(outcome: Outcome, cookie?: SessionCookie, wrong = ''): Answer {
  switch (outcome.kind) {
    case 'in': {
      const { session, token } = outcome.opened;
      return json({ csrf: session.csrf }, 200, cookie ? { 'Set-Cookie': cookie.set(token) } : {});
    }
    case 'locked-out':
      return later('locked-out', outcome.ms);
    case 'wrong':
      return wrongAnswer(wrong, outcome.ms);
    case 'weak':
      return refusal(422, 'weak-password', outcome.why);
    case 'claimed':
      return refusal(409, 'claimed', 'This telephone has an owner already.');
    case 'unclaimed':
      return refusal(403, 'unclaimed', 'This telephone has no owner yet.');
  }
}

async function checkConfig({ control, body }: Visit): Promise<Answer> {
  const asked = read(checkRequest, body);
  return asked === undefined ? MALFORMED : json(await control.checkConfig(asked.text));
}

async function saveConfig({ control, body }: Visit): Promise<Answer> {
  const asked = read(saveRequest, body);
  if (asked === undefined) return MALFORMED;
  const { revision, ...edit } = asked;
  return json(await control.saveConfig(edit, revision));
}

function approveServer({ control, body }: Visit): Answer {
  const asked = read(serverRequest, body);
  return asked === undefined ? MALFORMED : done(() => control.approveServer(asked.host));
}

function acceptNeighbour({ control, body }: Visit): Answer {
  const asked = read(neighbourRequest, body);
  return asked === undefined ? MALFORMED : done(() => control.acceptNeighbour(asked.key, asked.fp));
}

/** What throws cannot be done, and says why. */
function done(deed: () => void): Answer {
  try {
    deed();
    return json({});
  } catch (error) {
    return impossible(error);
  }
}

function reset({ control, body }: Visit): Answer {
  if (read(emptyRequest, body) === undefined) return MALFORMED;
  control.factoryReset();
  return json({});
}

async function selftest({ control, body }: Visit): Promise<Answer> {
  if (read(emptyRequest, body) === undefined) return MALFORMED;
  try {
    return json(await control.selftest());
  } catch (error) {
    return impossible(error);
  }
}

function impossible(error: unknown): Answer {
  return refusal(409, 'impossible', error instanceof Error ? error.message : String(error));
}

function exportTrace({ control }: Visit): Answer {
  return {
    status: 200,
    headers: {
      'Content-Type': 'application/octet-stream',
      'Content-Disposition': 'attachment; filename="dualtone.pcapng"',
    },
    body: capture(control.trace(), `dualtone ${control.status().version}`),
  };
}

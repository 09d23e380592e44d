/** What the owner can do from here. */

import type { Checked, ConfigView, Edit, Saved } from '#provisioning/editing.ts';
import type { Moved, SelftestResult } from '../../admin/types.ts';
import { fetched, posted, Refused } from './interface.ts';
import { follow, unfollow } from './live.ts';
import { goneFrom } from './moved.ts';
import { change, current, type Gate, START } from './state.ts';

/** Somebody is there, and says so this often at most. ms */
const ALIVE_EVERY = 60_000;
const RETRY_MS = 3000;
const NOTICE_MS = 20_000;
let silence: ReturnType<typeof setTimeout> | undefined;
let alive = 0;

/** Looks how the door stands, and goes in where it is open. */
export async function enter(): Promise<void> {
  try {
    const gate = await fetched<Gate>('session');
    change({ gate });
    if (gate.in) begin();
  } catch {
    change({ link: 'lost' });
    setTimeout(() => void enter(), RETRY_MS);
  }
}

function begin(): void {
  follow({ config: () => void loadConfig(), moved, ended: () => void leave() });
  void loadConfig();
}

function moved(where: Moved): void {
  const gone = goneFrom(new URL(location.href), where);
  if (gone === undefined) return;
  unfollow();
  change({ gone });
  // The session goes along.
  if (gone.url !== undefined) location.assign(gone.url);
}

/** The session is over: nothing that was shown stays. */
async function leave(): Promise<void> {
  unfollow();
  change({ ...START, gate: current().gate, link: 'lost' });
  await enter();
}

async function loadConfig(): Promise<void> {
  try {
    change({ config: await fetched<ConfigView>('config') });
  } catch (error) {
    await orLeave(error);
  }
}

/** Resolves to the seconds for which the PIN is shown. */
export async function showPin(): Promise<number> {
  return (await posted<{ left: number }>('pin', {})).left;
}

export async function claim(pin: string, password: string): Promise<void> {
  await posted('claim', { pin, password });
  await enter();
}

export async function login(password: string): Promise<void> {
  await posted('login', { password });
  await enter();
}

export async function logout(): Promise<void> {
  await own('logout', {}).catch(() => undefined);
  await leave();
}

export async function changePassword(before: string, password: string): Promise<void> {
  const { csrf } = await own<{ csrf: string }>('password', { before, password });
  const { gate } = current();
  if (gate !== null) change({ gate: { ...gate, csrf } });
  begin();
}

export function checkConfig(text: string): Promise<Checked> {
  return own('config/check', { text });
}

/** By the revision that was shown; what is saved is loaded anew. */
export async function saveConfig(edit: Edit, revision: string): Promise<Saved> {
  const saved = await own<Saved>('config', { ...edit, revision });
  if (saved.kind !== 'refused') await loadConfig();
  return saved;
}

/** `host` may be the server from now on. */
export async function approveServer(host: string): Promise<void> {
  await own('server', { host });
}

/** The neighbour is believed the key that was shown: `fp`; absent: that it has none any more. */
export async function acceptNeighbour(key: string, fp: string | undefined): Promise<void> {
  await own('neighbour', fp === undefined ? { key } : { key, fp });
}

export function runSelftest(): Promise<SelftestResult> {
  return own('selftest', {});
}

/** Everything is forgotten, soon after the answer. */
export async function factoryReset(): Promise<void> {
  await own('reset', {});
}

/** Says what was done, until something else is or one has had the time to read it. */
export function tell(notice: string): void {
  clearTimeout(silence);
  change({ notice });
  silence = setTimeout(() => change({ notice: '' }), NOTICE_MS);
}

/** Keys and pointers keep the session alive; a page that only stands there does not. */
export function noticePresence(): void {
  if (current().gate?.in !== true || performance.now() - alive < ALIVE_EVERY) return;
  alive = performance.now();
  own('alive', {}).catch(() => undefined);
}

/** With the token of our session. Rejects with Refused. */
async function own<T>(path: string, body: unknown): Promise<T> {
  try {
    return await posted<T>(path, body, current().gate?.csrf);
  } catch (error) {
    return orLeave(error);
  }
}

async function orLeave(error: unknown): Promise<never> {
  if (error instanceof Refused && error.code === 'no-session') await leave();
  throw error;
}

/** What a person can do to the phone from here, by mouse, touch or keyboard. */
import type { FunctionKey, Key } from '#hal/types.ts';
import type { PageMessage, ServerMessage } from '../messages.ts';
import { Link } from './link.ts';
import { Sound } from './sound/sound.ts';
import { addTrace, change, current } from './store.ts';

const link = new Link({
  state(state) {
    if (state === 'open') {
      // The phone tells what happened so far anew.
      change({ link: state, trace: [] });
      sound.reconnected();
    } else change({ link: state });
  },
  message: receive,
  frame: (frame) => sound.hear(frame),
});

const sound = new Sound({
  sendFrame: (frame) => link.sendFrame(frame),
  sendSound: (on) => link.send({ kind: 'sound', on }),
  changed: (state) => change({ sound: state }),
});

function receive(message: ServerMessage): void {
  switch (message.kind) {
    case 'front':
      if (current().front.hook === 'off' && message.front.hook === 'on') sound.layDown();
      sound.ring(message.front.bell);
      change({ front: message.front });
      break;
    case 'status':
      // A call that was dialled with the handset down has ended.
      if (current().front.hook === 'on' && isBusy() && !isBusy(message.status)) sound.layDown();
      change({ status: message.status });
      break;
    case 'trace':
      addTrace(message.entry);
      break;
    case 'sound':
      sound.taken();
      break;
    case 'refused':
      if (current().front.hook === 'on' && !isBusy()) sound.layDown();
      change({ refusal: message.reason });
      break;
  }
}

function isBusy(status = current().status): boolean {
  return status?.calls.some((call) => call.state !== 'ended') ?? false;
}

function ask(message: PageMessage): void {
  change({ refusal: null });
  link.send(message);
}

/** Lifts the handset or lays it down; lifting makes this computer the handset. */
export function toggleHook(): void {
  const state = current().front.hook === 'on' ? 'off' : 'on';
  ask({ kind: 'hook', state });
  if (state === 'off') useThisComputer();
}

export function useThisComputer(): void {
  void sound.lift();
}

export function press(key: Key, down: boolean): void {
  if (down) sound.unlock();
  const others = current().held.filter((held) => held !== key);
  change({ held: down ? [...others, key] : others });
  ask({ kind: 'key', key, down });
}

export function flash(): void {
  ask({ kind: 'flash' });
}

/** Keys that seize the line from the cradle make this computer the handset, as lifting does. */
const SEIZING: ReadonlySet<FunctionKey> = new Set(['speaker', 'redial', 'messages']);

/** Down and up again. */
export function pressFunction(key: FunctionKey): void {
  sound.unlock();
  const rested = current().front.hook === 'on';
  ask({ kind: 'function', key, down: true });
  ask({ kind: 'function', key, down: false });
  if (rested && SEIZING.has(key)) useThisComputer();
}

export function turnVolume(step: 1 | -1): void {
  ask({ kind: 'volume', step });
}

export function dial(number: string): void {
  ask({ kind: 'dial', number });
  useThisComputer();
}

export function hangUp(): void {
  ask({ kind: 'hangup' });
}

/** Any gesture lets the bell be heard. */
export function noticeGesture(): void {
  sound.unlock();
}

/**
 * The computer's keyboard is the phone's: digits, * and #, Space for the hook, + and - for volume, F for flash, and the
 * letters of the function keys.
 */
import type { Key } from '#hal/types.ts';
import { flash, noticeGesture, press, pressFunction, toggleHook, turnVolume } from './actions.ts';
import { FUNCTION_SHORTCUTS } from './function_keys.tsx';

const COMMANDS: Readonly<Record<string, () => void>> = {
  ' ': toggleHook,
  '+': () => turnVolume(1),
  '=': () => turnVolume(1),
  '-': () => turnVolume(-1),
  f: flash,
};

/** Keys that are down, by the place on the keyboard: with Shift let go first, `#` comes up as `3`. */
const down = new Map<string, Key>();

export function listenToKeyboard(): void {
  window.addEventListener('keydown', keyDown);
  window.addEventListener('keyup', (event) => keyUp(event.code));
  window.addEventListener('blur', () => {
    for (const code of [...down.keys()]) keyUp(code);
  });
  window.addEventListener('pointerdown', noticeGesture);
  window.addEventListener('mousedown', keepSpaceForTheHook);
}

function keyDown(event: KeyboardEvent): void {
  noticeGesture();
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
  if (/^[0-9*#]$/.test(event.key)) {
    const key = event.key as Key;
    down.set(event.code, key);
    press(key, true);
    event.preventDefault();
    return;
  }
  // Who walks the page with Tab presses its buttons with Space.
  if (event.key === ' ' && isButton(event.target)) return;
  const name = event.key.toLowerCase();
  const pressed = FUNCTION_SHORTCUTS.get(name);
  const command = pressed === undefined ? COMMANDS[name] : () => pressFunction(pressed);
  if (command === undefined) return;
  event.preventDefault();
  command();
}

function keyUp(code: string): void {
  const key = down.get(code);
  if (key === undefined) return;
  down.delete(code);
  press(key, false);
}

/** A button clicked by mouse would take the focus, and with it the next Space. */
function keepSpaceForTheHook(event: MouseEvent): void {
  if (!isButton(event.target)) return;
  event.preventDefault();
  if (isTyping(document.activeElement)) (document.activeElement as HTMLElement).blur();
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement;
}

function isButton(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('button, summary, a') !== null;
}

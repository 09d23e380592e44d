/**
 * Walks a person through the steps of a board, as a machine: `handle(input, now)`, `deadline`. What is not done within
 * 30 s has failed; an answer of s leaves a step out, q the rest of them.
 */
import { isDeepStrictEqual } from 'node:util';
import type { HalCommand, HalEvent } from '../types.ts';
import type { Step } from './steps.ts';

export type ScriptInput =
  | { readonly kind: 'start' }
  | { readonly kind: 'hal'; readonly event: HalEvent }
  /** A line that the person typed. */
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'tick' };

export type Outcome = 'passed' | 'failed' | 'skipped';

export type ScriptEvent =
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'perform'; readonly command: HalCommand }
  | { readonly kind: 'play'; readonly sound: 'tone' | 'echo' | 'nothing' }
  | { readonly kind: 'result'; readonly part: string; readonly outcome: Outcome; readonly what: string }
  /** `quit`: the person has ended it before the last step. */
  | { readonly kind: 'end'; readonly quit: boolean };

/** ms. */
const PATIENCE = 30_000;

export class Script {
  readonly #steps: readonly Step[];
  #at = -1;
  #until = Number.POSITIVE_INFINITY;

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
  }

  get deadline(): number {
    return this.#until;
  }

  handle(input: ScriptInput, now: number): ScriptEvent[] {
    if (input.kind === 'start') return this.#go(0, now);
    const step = this.#steps[this.#at];
    if (step === undefined) return [];
    if (input.kind === 'tick') {
      return now < this.#until ? [] : this.#over(step, 'failed', now);
    }
    return input.kind === 'hal' ? this.#heard(step, input.event, now) : this.#typed(step, input.text, now);
  }

  #heard(step: Step, event: HalEvent, now: number): ScriptEvent[] {
    if (step.kind !== 'do' || event.kind === 'part' || event.kind === 'ringer') return [];
    if (isDeepStrictEqual(event, step.event)) return this.#over(step, 'passed', now);
    const told = describe(event);
    return told === '' ? [] : [{ kind: 'say', text: `  that was ${told}` }];
  }

  #typed(step: Step, text: string, now: number): ScriptEvent[] {
    const answer = text.trim().toLowerCase();
    if (answer === 'q') return this.#quit();
    if (answer === 's') return this.#over(step, 'skipped', now);
    if (step.kind === 'do') return answer === '' ? [] : this.#ask(step);
    if (/^y(es)?$/.test(answer)) return this.#over(step, 'passed', now);
    return /^no?$/.test(answer) ? this.#over(step, 'failed', now) : this.#ask(step);
  }

  #over(step: Step, outcome: Outcome, now: number): ScriptEvent[] {
    return [...this.#undo(step), result(step, outcome), ...this.#go(this.#at + 1, now)];
  }

  #quit(): ScriptEvent[] {
    const left = this.#steps.slice(this.#at);
    const [step] = left;
    this.#at = this.#steps.length;
    this.#until = Number.POSITIVE_INFINITY;
    return [
      ...(step === undefined ? [] : this.#undo(step)),
      ...left.map((each) => result(each, 'skipped')),
      { kind: 'end', quit: true },
    ];
  }

  #go(at: number, now: number): ScriptEvent[] {
    this.#at = at;
    const step = this.#steps[at];
    this.#until = step === undefined ? Number.POSITIVE_INFINITY : now + PATIENCE;
    if (step === undefined) return [{ kind: 'end', quit: false }];
    return [...shown(step), ...this.#ask(step)];
  }

  #ask(step: Step): ScriptEvent[] {
    const answers = step.kind === 'do' ? 's skips, q ends' : 'y/n, s skips, q ends';
    const mark = step.kind === 'do' ? '' : '?';
    return [{ kind: 'say', text: `[${this.#at + 1}/${this.#steps.length}] ${step.say}${mark} (${answers})` }];
  }

  #undo(step: Step): ScriptEvent[] {
    if (step.kind === 'hear') return [{ kind: 'play', sound: 'nothing' }];
    return step.kind === 'look' ? step.after.map((command) => ({ kind: 'perform', command })) : [];
  }
}

function shown(step: Step): ScriptEvent[] {
  if (step.kind === 'hear') return [{ kind: 'play', sound: step.sound }];
  return step.kind === 'look' ? step.show.map((command) => ({ kind: 'perform', command })) : [];
}

function result({ part, say }: Step, outcome: Outcome): ScriptEvent {
  return { kind: 'result', part, outcome, what: say };
}

/** Empty for what goes without saying: a key that is let go. */
function describe(event: HalEvent): string {
  switch (event.kind) {
    case 'hook':
      return event.state === 'off' ? 'the handset being lifted' : 'the handset being put down';
    case 'flash':
      return 'a flash';
    case 'key':
    case 'function':
      return event.down ? `the key ${event.key}` : '';
    case 'volume':
      return event.step === 1 ? 'louder' : 'softer';
    case 'headset':
      return event.plugged ? 'a headset plugged in' : 'the headset pulled out';
    default:
      return '';
  }
}

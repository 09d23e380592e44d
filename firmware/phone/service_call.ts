/** A built-in number in use: it stands in the list of calls, but has neither signalling nor a media session. */
import type { BuiltInNumber } from './features.ts';
import { en } from './texts/en.ts';
import type { CallStatus } from './types.ts';

export class ServiceCall {
  readonly id: string;
  readonly number: BuiltInNumber;
  #ended = false;

  constructor(id: string, number: BuiltInNumber) {
    this.id = id;
    this.number = number;
  }

  get ended(): boolean {
    return this.#ended;
  }

  end(): void {
    this.#ended = true;
  }

  status(): CallStatus {
    return {
      id: this.id,
      state: this.#ended ? 'ended' : 'talking',
      direction: 'out',
      peer: this.number.title,
      ...(this.#ended && { cause: en.weHungUp }),
      signalling: null,
      media: null,
    };
  }
}

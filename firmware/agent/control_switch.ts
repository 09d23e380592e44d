/**
 * One control for a telephone whose agent is replaced while it runs, as when a new configuration comes into force:
 * command line and page keep what they hold, and look at the agent of the moment through it.
 */
import type { HalEvent } from '#hal/types.ts';
import type { CallStatus, Control, Front, Status, TraceEntry } from '#phone/types.ts';

type Listener = Parameters<Control['subscribe']>[0];
type Sound = ReturnType<Control['attachSound']>;

/** A browser's handset, wherever it is attached at present. */
interface Attached {
  readonly deliver: (frame: Int16Array) => void;
  sound: Sound;
}

export class ControlSwitch implements Control {
  #control: Control;
  /** Each with what ends it at the agent of the moment. */
  readonly #listeners = new Map<Listener, () => void>();
  readonly #sounds = new Set<Attached>();

  constructor(control: Control) {
    this.#control = control;
  }

  /** Another agent from now on; the one before has closed, or will. */
  turnTo(control: Control): void {
    for (const end of this.#listeners.values()) end();
    this.#control = control;
    for (const listener of this.#listeners.keys()) {
      this.#listeners.set(listener, control.subscribe(listener));
      listener('status');
      listener('front');
    }
    for (const attached of this.#sounds) {
      attached.sound.close();
      attached.sound = control.attachSound(attached.deliver);
    }
  }

  status(): Status {
    return this.#control.status();
  }

  front(): Front {
    return this.#control.front();
  }

  dial(number: string, options?: { readonly wait?: boolean }): Promise<CallStatus> {
    return this.#control.dial(number, options);
  }

  answer(): void {
    this.#control.answer();
  }

  hangUp(call?: string): number {
    return this.#control.hangUp(call);
  }

  operate(event: HalEvent): void {
    this.#control.operate(event);
  }

  trace(): readonly TraceEntry[] {
    return this.#control.trace();
  }

  metrics(): string {
    return this.#control.metrics();
  }

  config(): unknown {
    return this.#control.config();
  }

  configPlaces(): unknown {
    return this.#control.configPlaces();
  }

  subscribe(listener: Listener): () => void {
    // A function of its own, so that one listener may be subscribed twice.
    const own: Listener = (news) => listener(news);
    this.#listeners.set(own, this.#control.subscribe(own));
    return () => {
      this.#listeners.get(own)?.();
      this.#listeners.delete(own);
    };
  }

  attachSound(deliver: (frame: Int16Array) => void): Sound {
    const attached: Attached = { deliver, sound: this.#control.attachSound(deliver) };
    this.#sounds.add(attached);
    return {
      mouth: (frame) => attached.sound.mouth(frame),
      close: () => {
        this.#sounds.delete(attached);
        attached.sound.close();
      },
    };
  }
}

/**
 * The agents of one run, one after the other: each has one configuration for life, and where another comes into force
 * the next agent takes over, when nobody uses the telephone. Command line and page notice nothing but the change.
 */
import { ControlSwitch } from '#agent/control_switch.ts';
import type { Control } from '#phone/types.ts';
import type { Config } from '#provisioning/schema.ts';
import { Turns } from '#provisioning/turns.ts';
import type { Layer } from '#provisioning/types.ts';
import { warnOf } from './log.ts';
import { type Assembled, newAgent, type Surroundings } from './new_agent.ts';
import { type Settings, settingsOf } from './settings.ts';

/** ms */
const NOTICE = 10_000;

export interface SuccessionEvents {
  /** An agent runs with this configuration from now on. */
  readonly applied: (config: Config) => void;
  /** The agent that is there goes by the layers that were given last. */
  readonly upToDate: () => void;
  /** There is no agent: none can start with the layers that had waited. */
  readonly failed: (reason: string) => void;
}

export class Succession {
  readonly #surroundings: Surroundings;
  readonly #events: SuccessionEvents;
  #now: Assembled | undefined;
  #settings: Settings | undefined;
  #control: ControlSwitch | undefined;
  /** Layers that wait until the telephone is idle. */
  #waiting: readonly Layer[] | undefined;
  /** What the display shows, until when on the clock of performance.now(): the next agent goes on with it. */
  #notice = { text: '', until: 0 };
  readonly #turns = new Turns();
  /** Layers that an agent is being made for. */
  #coming = 0;
  #ended = false;
  #failure: unknown;

  constructor(surroundings: Surroundings, events: SuccessionEvents) {
    this.#surroundings = surroundings;
    this.#events = events;
  }

  /** Of whichever agent is there. @throws before the first one */
  get control(): Control {
    if (this.#control === undefined) throw new Error('no agent has been started');
    return this.#control;
  }

  get current(): Assembled | undefined {
    return this.#now;
  }

  /** Why there is no agent. */
  get failure(): unknown {
    return this.#failure;
  }

  get config(): Config | undefined {
    return this.#settings?.config;
  }

  /** Whether what its status says is said of the layers that were given last. */
  get isUpToDate(): boolean {
    return this.#waiting === undefined && this.#coming === 0;
  }

  /** Goes by these layers as soon as nobody uses the telephone. Rejects where it cannot start with them. */
  apply(layers: readonly Layer[]): Promise<void> {
    if (!this.#isIdle) {
      this.#waiting = layers;
      return Promise.resolve();
    }
    return this.#replaceInTurn(layers);
  }

  /** Shows a line on the display for a while, at most 20 characters, whichever agent is there. */
  notice(text: string): void {
    this.#notice = { text, until: performance.now() + NOTICE };
    this.#now?.agent.notice(text, NOTICE);
  }

  /** Resolves when nobody uses the telephone. */
  async idle(): Promise<void> {
    const control = this.#control;
    if (control === undefined || this.#isIdle) return;
    await new Promise<void>((resolve) => {
      const end = control.subscribe(() => {
        if (!this.#isIdle) return;
        end();
        resolve();
      });
    });
  }

  /** No agent from now on, until layers are applied: the next one starts whatever they are, and remembers nothing. */
  pause(): Promise<void> {
    this.#waiting = undefined;
    return this.#turns.take(async () => {
      await this.#now?.agent.stop();
      this.#now = undefined;
      this.#settings = undefined;
    });
  }

  async stop(): Promise<void> {
    this.#ended = true;
    await this.#turns.take(async () => this.#now?.agent.stop());
  }

  /** Whether nobody uses the telephone. */
  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** Nobody uses a telephone that is not there. */
  get #isIdle(): boolean {
    return this.#now?.agent.isIdle !== false;
  }

  async #replaceInTurn(layers: readonly Layer[]): Promise<void> {
    this.#coming += 1;
    try {
      await this.#turns.take(() => this.#replace(layers));
    } finally {
      this.#coming -= 1;
    }
    if (this.isUpToDate) this.#events.upToDate();
  }

  async #replace(layers: readonly Layer[]): Promise<void> {
    if (this.#ended) return;
    this.#waiting = undefined;
    const settings = await settingsOf(layers);
    const { log } = this.#surroundings;
    warnOf(log, settings.warnings);
    if (sameConfig(settings, this.#settings) && this.#now !== undefined) return;
    await this.#now?.agent.stop();
    this.#now = undefined;
    const next = await newAgent(settings, this.#surroundings);
    this.#turnTo(next);
    try {
      await next.agent.start();
    } catch (error) {
      this.#failure = error;
      await next.agent.stop();
      throw error;
    }
    this.#now = next;
    this.#settings = settings;
    const { text, until } = this.#notice;
    if (until > performance.now()) next.agent.notice(text, until - performance.now());
    this.#events.applied(settings.config);
  }

  #turnTo({ agent: { control } }: Assembled): void {
    if (this.#control !== undefined) {
      this.#control.turnTo(control);
      return;
    }
    this.#control = new ControlSwitch(control);
    this.#control.subscribe(() => this.#applyWaiting());
  }

  #applyWaiting(): void {
    const layers = this.#waiting;
    if (layers === undefined || !this.#isIdle) return;
    this.#waiting = undefined;
    this.#replaceInTurn(layers).catch((error) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.#surroundings.log('error', `the telephone cannot go on with its new settings: ${reason}`);
      this.#events.failed(reason);
    });
  }
}

/** Also with other passwords it is another one. */
function sameConfig(one: Settings, other: Settings | undefined): boolean {
  return JSON.stringify(one.config) === JSON.stringify(other?.config);
}

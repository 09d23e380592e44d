/** The shape of a verb, and the two ways in which it may fail. */
import type { ParseArgsConfig } from 'node:util';
import type { Config } from '#provisioning/schema.ts';

/** Where a verb reads and writes. Lines go out without their line end. */
export interface Terminal {
  out(line: string): void;
  /** For people only: never part of what a script reads. */
  err(line: string): void;
  /** stdout is read by a person. */
  readonly interactive: boolean;
}

export interface BootOptions {
  readonly config?: string;
  readonly data: string;
  /** Absent: the one that the configuration names. */
  readonly board?: string;
  /** Absent: no page. `given`: asked for by the user, so another port will not do. */
  readonly http?: { readonly host: string; readonly port: number; readonly given: boolean };
  readonly log: LogLevel;
  /** Where a person may lay a configuration, or ask for a factory reset. Absent: where the board's system has it. */
  readonly drop?: string;
  /** ms that a new configuration has to register, if not the usual five minutes. */
  readonly trial?: number;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Starts the phone and returns when it has ended; handed in by the composition root. */
export type Boot = (options: BootOptions, terminal: Terminal) => Promise<void>;

/** What a valid configuration will not do here, in sentences with the path of the key. */
export type Remarks = (config: Config) => Promise<readonly string[]>;

export interface SelftestRequest {
  readonly board: string;
  readonly config?: string;
  /** What a person types; absent: nobody is there. */
  readonly lines?: AsyncIterable<string>;
  /** Finds out how the dial is wired, and nothing else. */
  readonly learnDial: boolean;
}

/** What became of a selftest, in words. */
export interface SelftestOutcome {
  /** Each begins with its part and a colon. */
  readonly failures: readonly string[];
  /** Parts that a person has left out, wholly or in part. */
  readonly left: readonly string[];
  /** The person has ended it early. */
  readonly quit: boolean;
}

/** Deeds at the hardware without a running phone; handed in by the composition root. */
export interface HardwareDeeds {
  selftest(request: SelftestRequest, terminal: Terminal): Promise<SelftestOutcome>;
  rest(
    board: string,
  ): Promise<readonly { readonly name: string; readonly ok: boolean; readonly note: string }[]>;
}

export interface Context {
  readonly terminal: Terminal;
  readonly boot: Boot;
  readonly remarks: Remarks;
  readonly hardware: HardwareDeeds;
  readonly version: string;
}

/** What parseArgs found. */
export interface Given {
  readonly words: readonly string[];
  text(option: string): string | undefined;
  /** Of an option that may be given more than once. */
  texts(option: string): readonly string[];
  is(option: string): boolean;
}

/** `Needs`: what it takes of the context. */
export interface Verb<Needs = Context> {
  /** Behind `dualtone`; the first word is the verb. */
  readonly usage: string;
  readonly summary: string;
  readonly options?: NonNullable<ParseArgsConfig['options']>;
  /** How many words may follow the verb. */
  readonly words?: readonly [least: number, most: number];
  act(given: Given, context: Needs): Promise<void>;
}

/** Exit code 1: what happened, and what to do, in one line. */
export class CommandError extends Error {
  override name = 'CommandError';
}

/** Exit code 2: the command line itself is wrong. */
export class UsageError extends Error {
  override name = 'UsageError';
}

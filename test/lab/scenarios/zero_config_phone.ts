/** A telephone out of its box, and what a person at it, its log and the wire say. */
import { join } from 'node:path';
import { ControlClient } from '#cli/control_client.ts';
import type { CallStatus, Front, Status } from '#phone/types.ts';
import type { PhoneProcess } from '../../support/phone_process.ts';
import { until } from '../../support/process.ts';
import type { Home, Unplugged } from '../home.ts';
import { unpackPhone } from '../phone.ts';

export interface LogLine {
  /** ms since 1970 */
  readonly time: number;
  readonly text: string;
}

export class DeskPhone {
  readonly #home: Home;
  readonly #client: ControlClient;
  readonly unplugged: Unplugged;
  process: PhoneProcess;

  constructor(home: Home, unplugged: Unplugged, process: PhoneProcess) {
    this.#home = home;
    this.unplugged = unplugged;
    this.process = process;
    this.#client = new ControlClient(join(process.directory, 'data'));
  }

  static unpack(home: Home, unplugged: Unplugged, args: readonly string[] = [], via?: readonly string[]) {
    return new DeskPhone(home, unplugged, unpackPhone(home.lab, unplugged.host, args, via));
  }

  /** Switched off and on again, in order or by pulling the plug. */
  async restart(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM', args: readonly string[] = []): Promise<void> {
    if (signal === 'SIGTERM') await this.process.stop();
    else this.process.kill(signal);
    await this.process.exit(5000);
    this.process = unpackPhone(this.#home.lab, this.unplugged.host, args);
  }

  status(): Promise<Status> {
    return this.#client.get('/status');
  }

  front(): Promise<Front> {
    return this.#client.get('/front');
  }

  /** Its log since this start, warnings and remarks. */
  get log(): readonly LogLine[] {
    return this.process.output.split('\n').flatMap((line): readonly LogLine[] => {
      if (!line.startsWith('{"time"') || !line.endsWith('}')) return [];
      const { time, text }: { time: string; text: string } = JSON.parse(line);
      return [{ time: Date.parse(time), text }];
    });
  }

  said(what: RegExp): LogLine | undefined {
    return this.log.findLast(({ text }) => what.test(text));
  }

  says(what: RegExp, ms = 10_000): Promise<LogLine> {
    return this.until(`the log says ${what}`, async () => this.said(what), ms);
  }

  /** Which lines were on its display at some time while `what` was awaited. */
  async shows(what: RegExp, ms = 10_000): Promise<string> {
    return this.until(
      `the display shows ${what}`,
      async () => (await this.front()).lines.find((line) => what.test(line)),
      ms,
    );
  }

  registered(ms = 15_000): Promise<Status> {
    return this.until(
      'it is registered',
      async () => {
        const status = await this.status();
        return status.accounts.some(({ state }) => state === 'registered') ? status : undefined;
      },
      ms,
    );
  }

  dial(number: string): Promise<CallStatus> {
    return this.#client.post('/dial', { number });
  }

  answer(): Promise<object> {
    return this.#client.post('/answer', {});
  }

  hangUp(): Promise<object> {
    return this.#client.post('/hangup', {});
  }

  call(state: CallStatus['state'], ms = 10_000): Promise<CallStatus> {
    return this.until(
      `a call that is ${state}`,
      async () => {
        const call = (await this.status()).calls.at(-1);
        return call?.state === state ? call : undefined;
      },
      ms,
    );
  }

  /** While it starts, or one agent follows another, there is nobody to ask. */
  until<T>(what: string, probe: () => Promise<T | undefined>, ms: number): Promise<T> {
    const patient = () => probe().catch(() => undefined);
    return until<T>(what, patient, ms, () => this.process.output);
  }
}

/** Dialled, answered, heard, ended. Results in the call as the caller had it, or in why there was none. */
export async function talk(from: DeskPhone, to: DeskPhone, number: string): Promise<CallStatus | string> {
  try {
    await from.dial(number);
    await to.call('ringing');
    await to.answer();
    await from.call('talking');
    const heard = await from.until(
      'sound',
      async () => {
        const call = (await from.status()).calls.at(-1);
        return (call?.media?.received ?? 0) > 5 ? call : undefined;
      },
      8000,
    );
    await from.hangUp();
    await to.call('ended');
    return heard;
  } catch (error) {
    await from.hangUp().catch(() => {});
    return error instanceof Error ? error.message : String(error);
  }
}

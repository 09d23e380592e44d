/** One open page: its messages become events of the handset, the phone's news become messages. */
import type { RawData, WebSocket } from 'ws';
import type { Key } from '#hal/types.ts';
import type { Control, TraceEntry } from '#phone/types.ts';
import { readFrame, writeFrame } from './frames.ts';
import { Bucket, CUT_OFF_BACKLOG, RATES, SOUND_BACKLOG, TRACE_BACKLOG } from './limits.ts';
import { type PageMessage, readPageMessage, type ServerMessage } from './messages.ts';
import type { SoundDesk } from './sound_desk.ts';

/** RFC 6455 7.4.1 */
const POLICY_VIOLATION = 1008;
/** Status changes many times a second while a call is set up; eyes need four, and counters one in five seconds. */
const STATUS_EVERY_MS = 250;
const STATUS_AT_LEAST_MS = 5000;

export class Connection {
  readonly #socket: WebSocket;
  readonly #control: Control;
  readonly #desk: SoundDesk;
  readonly #held = new Set<Key>();
  readonly #messages = new Bucket(RATES.messages, performance.now());
  readonly #frames = new Bucket(RATES.frames, performance.now());
  readonly #unsubscribe: () => void;
  readonly #refresh: NodeJS.Timeout;
  #statusTimer: NodeJS.Timeout | undefined;
  #frontPending = false;

  constructor(socket: WebSocket, control: Control, desk: SoundDesk) {
    this.#socket = socket;
    this.#control = control;
    this.#desk = desk;
    socket.on('message', (data, binary) => this.#receive(data, binary));
    socket.on('close', () => this.#closed());
    // A broken connection is followed by its close.
    socket.on('error', () => {});
    this.#unsubscribe = control.subscribe((news) => this.#tell(news));
    this.#refresh = setInterval(() => this.#statusSoon(), STATUS_AT_LEAST_MS).unref();
    this.#send({ kind: 'front', front: control.front() });
    this.#send({ kind: 'status', status: control.status() });
    for (const entry of control.trace().slice(-TRACE_BACKLOG)) this.#send({ kind: 'trace', entry });
  }

  /** A frame for the ear; left out when the page does not keep up. */
  hear(frame: Int16Array): void {
    if (this.#socket.readyState === this.#socket.OPEN && this.#socket.bufferedAmount < SOUND_BACKLOG) {
      this.#socket.send(writeFrame(frame), { binary: true });
    }
  }

  loseSound(): void {
    this.#send({ kind: 'sound', on: false });
  }

  #receive(data: RawData, binary: boolean): void {
    const octets = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
    const bucket = binary ? this.#frames : this.#messages;
    const wrong = bucket.take(performance.now())
      ? binary
        ? this.#speak(octets)
        : this.#read(octets.toString())
      : 'too many messages';
    if (wrong !== undefined) this.#socket.close(POLICY_VIOLATION, wrong);
  }

  /** Takes a frame of the mouth; says what is wrong with it, if anything. */
  #speak(octets: Buffer): string | undefined {
    const frame = readFrame(octets);
    if (frame === undefined) return 'not a sound frame';
    // Frames under way while another page took over are nobody's.
    this.#desk.mouth(this, frame);
    return undefined;
  }

  #read(text: string): string | undefined {
    const message = readPageMessage(text);
    if (message === undefined) return 'not a message of the page';
    try {
      this.#obey(message);
    } catch (error) {
      this.#refuse(error);
    }
    return undefined;
  }

  #obey(message: PageMessage): void {
    switch (message.kind) {
      case 'key':
        if (message.down) this.#held.add(message.key);
        else this.#held.delete(message.key);
        this.#control.operate(message);
        break;
      case 'function':
      case 'hook':
      case 'flash':
      case 'volume':
        this.#control.operate(message);
        break;
      case 'dial':
        this.#control.dial(message.number).catch((error: unknown) => this.#refuse(error));
        break;
      case 'hangup':
        this.#control.hangUp();
        break;
      case 'sound':
        if (message.on) this.#desk.take(this, this.#control);
        else this.#desk.leave(this);
        break;
    }
  }

  #tell(news: 'status' | 'front' | TraceEntry): void {
    if (news === 'status') this.#statusSoon();
    else if (news === 'front') this.#frontSoon();
    else this.#send({ kind: 'trace', entry: news });
  }

  #statusSoon(): void {
    this.#statusTimer ??= setTimeout(() => {
      this.#statusTimer = undefined;
      this.#send({ kind: 'status', status: this.#control.status() });
    }, STATUS_EVERY_MS).unref();
  }

  /** After the machine has done all that this input asked for: one message for many changes. */
  #frontSoon(): void {
    if (this.#frontPending) return;
    this.#frontPending = true;
    setImmediate(() => {
      this.#frontPending = false;
      this.#send({ kind: 'front', front: this.#control.front() });
    });
  }

  #refuse(error: unknown): void {
    this.#send({ kind: 'refused', reason: error instanceof Error ? error.message : String(error) });
  }

  #send(message: ServerMessage): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > CUT_OFF_BACKLOG) this.#socket.terminate();
    else this.#socket.send(JSON.stringify(message));
  }

  #closed(): void {
    this.#unsubscribe();
    clearInterval(this.#refresh);
    clearTimeout(this.#statusTimer);
    this.#desk.leave(this);
    // A finger that was on a key when the page went away is no longer there.
    for (const key of this.#held) {
      try {
        this.#control.operate({ kind: 'key', key, down: false });
      } catch {
        return;
      }
    }
  }
}

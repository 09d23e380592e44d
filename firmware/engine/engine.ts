/**
 * The media engine: obeys EngineCommand, tells EngineEvent, and moves one frame of sound every 20 ms while the
 * handset is in use or a session is open.
 *
 *   source → mouth ─┬→ the connected session → RTP
 *                   └→ echo ─┐
 *   RTP → its jitter buffer ─┴→ ear → + tone → × volume → sink
 *
 * Sessions that are not connected go on: silence goes out, what comes in is taken and forgotten.
 */
import { randomBytes } from 'node:crypto';
import type { EngineCommand, EngineEvent } from '#media/types.ts';
import { AnalogLine } from './analog_line.ts';
import { Handset } from './handset.ts';
import { PortPair } from './port_pair.ts';
import { MediaSession } from './session.ts';
import { PacedClock } from './sound/paced_clock.ts';
import type { TunnelAccess } from './tunnel_host.ts';
import type { WebSound } from './web_sound.ts';

const FRAME = 160;
const ECHO = '\0echo';

export class MediaEngine {
  readonly #tell: (event: EngineEvent) => void;
  readonly #handset: Handset;
  readonly #web: WebSound;
  readonly #tunnel: TunnelAccess | undefined;
  readonly #clock = new PacedClock(
    () => this.#frame(),
    (missed) => this.#skip(missed),
  );
  readonly #line: AnalogLine;
  readonly #sessions = new Map<string, MediaSession>();
  /** Being opened; false once closed again meanwhile. */
  readonly #opening = new Map<string, boolean>();
  readonly #cname = new TextEncoder().encode(randomBytes(12).toString('base64url'));
  readonly #silence = new Int16Array(FRAME);
  readonly #unheard = new Int16Array(FRAME);
  #connected: string | undefined;
  #closed = false;

  constructor(web: WebSound, tell: (event: EngineEvent) => void, tunnel?: TunnelAccess) {
    this.#web = web;
    this.#tunnel = tunnel;
    this.#tell = tell;
    this.#handset = new Handset(web, tell, (frames) => this.#clock.beat(frames));
    this.#line = new AnalogLine(tell);
    this.#handset.line = this.#line;
  }

  obey(command: EngineCommand): void {
    switch (command.kind) {
      case 'devices':
        this.#handset.setDevices(command.devices);
        this.#announceCall();
        break;
      case 'open':
        void this.#open(command.session, command.rtpPorts);
        break;
      case 'configure':
        this.#sessions.get(command.session)?.configure(command.parameters);
        break;
      case 'close':
        this.#closeSession(command.session);
        break;
      case 'connect':
        this.#connect(typeof command.to === 'object' ? command.to.session : command.to);
        break;
      case 'tone':
        this.#handset.play(this.#line.tone(command.tone));
        break;
      case 'dtmf':
        this.#sessions.get(command.session)?.press(command.key, command.ms);
        break;
      case 'volume':
        this.#handset.volume = Math.min(1, Math.max(0, command.ear));
        break;
      case 'mute':
        this.#handset.muted = command.on;
        break;
      case 'ring':
        this.#handset.ring(command.ring);
        break;
      case 'route':
        this.#handset.route = command.to;
        break;
      case 'line-keys':
        this.#line.on = command.on;
        break;
      case 'caller-id':
        this.#line.tellCaller(command);
        this.#handset.lineChanged();
        break;
      case 'handset':
        this.#line.hookMoved();
        this.#handset.setInUse(command.inUse);
        this.#announceCall();
        break;
    }
    this.#runWhileNeeded();
  }

  /** Loads what a card takes, before it is needed. */
  standBy(): void {
    this.#handset.standBy();
  }

  /** The last ring command stands: who gave it lives. */
  stillRings(): void {
    this.#handset.stillRings();
  }

  /** Ends every session with BYE, closes devices and sockets. */
  close(): void {
    this.#closed = true;
    for (const name of [...this.#sessions.keys()]) this.#closeSession(name);
    for (const name of this.#opening.keys()) this.#opening.set(name, false);
    this.#handset.close();
    this.#clock.stop();
    this.#web.close();
  }

  async #open(name: string, range: readonly [number, number]): Promise<void> {
    if (this.#sessions.has(name) || this.#opening.has(name)) return;
    this.#opening.set(name, true);
    try {
      const ports = await PortPair.open(range, Math.random, this.#tunnel);
      if (this.#closed || this.#opening.get(name) !== true) {
        ports.close();
        return;
      }
      this.#sessions.set(name, this.#sessionOn(name, ports));
      this.#tell({ kind: 'opened', session: name, port: ports.port });
    } catch (error) {
      this.#tell({
        kind: 'failed',
        session: name,
        error: error instanceof Error ? error.message : String(error),
      });
    } finally {
      this.#opening.delete(name);
      this.#runWhileNeeded();
    }
  }

  #sessionOn(name: string, ports: PortPair): MediaSession {
    const random = randomBytes(10);
    const seed = {
      ssrc: random.readUInt32BE(0),
      sequence: random.readUInt16BE(4),
      timestamp: random.readUInt32BE(6),
    };
    return new MediaSession(name, ports, {
      tell: this.#tell,
      cname: this.#cname,
      seed,
      random: Math.random,
      now: () => performance.now(),
    });
  }

  #closeSession(name: string): void {
    if (this.#opening.has(name)) this.#opening.set(name, false);
    this.#sessions.get(name)?.close();
    this.#sessions.delete(name);
    this.#handset.endCall(name);
    if (this.#connected === name) this.#connected = undefined;
  }

  #connect(to: string): void {
    if (this.#connected === ECHO && to !== 'echo') this.#handset.endCall(ECHO);
    this.#connected = to === 'echo' ? ECHO : to === 'nothing' ? undefined : to;
    this.#announceCall();
  }

  #announceCall(): void {
    if (this.#connected !== undefined) this.#handset.beginCall(this.#connected);
  }

  #runWhileNeeded(): void {
    const needed = !this.#closed && (this.#handset.active || this.#sessions.size > 0);
    if (needed) this.#clock.start();
    else this.#clock.stop();
  }

  #frame(): void {
    const now = performance.now();
    const { mouth, ear } = this.#handset;
    this.#handset.readMouth();
    this.#line.fromMouth(mouth, now);
    if (this.#connected === ECHO) ear.set(mouth);
    else ear.fill(0);
    for (const session of this.#sessions.values()) {
      if (session.name === this.#connected) session.frame(mouth, ear, now);
      else session.frame(this.#silence, this.#unheard, now);
    }
    this.#handset.writeEar(now);
    // A telephone on the hook has been told, and nothing else needs frames.
    if (!this.#handset.active) {
      this.#handset.lineChanged();
      this.#runWhileNeeded();
    }
  }

  #skip(frames: number): void {
    for (const session of this.#sessions.values()) session.skip(frames);
  }
}

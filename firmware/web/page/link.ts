/** The page's one connection to its phone: opens, opens again, and says how it stands. */
import type { PageMessage, ServerMessage } from '../messages.ts';

export type LinkState = 'connecting' | 'open' | 'lost' | 'expired' | 'full';

/** A frame that cannot leave at once is worth nothing: at most six wait. */
const FRAMES_WAITING = 6 * 320;
const RETRY_MS = [300, 600, 1200, 2500, 5000];
const TRY_AGAIN_LATER = 1013;

interface Receiver {
  state(state: LinkState): void;
  message(message: ServerMessage): void;
  frame(frame: ArrayBuffer): void;
}

export class Link {
  readonly #receiver: Receiver;
  #socket: WebSocket | undefined;
  #failures = 0;

  constructor(receiver: Receiver) {
    this.#receiver = receiver;
    this.#connect();
  }

  send(message: PageMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  sendFrame(frame: ArrayBuffer): void {
    const socket = this.#socket;
    if (socket?.readyState === WebSocket.OPEN && socket.bufferedAmount < FRAMES_WAITING) socket.send(frame);
  }

  #connect(): void {
    const socket = new WebSocket(`ws${location.protocol.slice(4)}//${location.host}/ws`);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      this.#failures = 0;
      this.#receiver.state('open');
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === 'string') this.#receiver.message(JSON.parse(data) as ServerMessage);
      else this.#receiver.frame(data);
    };
    socket.onclose = ({ code }) => void this.#lost(code);
    this.#socket = socket;
  }

  async #lost(code: number): Promise<void> {
    const state = code === TRY_AGAIN_LATER ? 'full' : (await tokenIsOld()) ? 'expired' : 'lost';
    this.#receiver.state(state);
    // A phone that was started anew has a new token: only its new address helps.
    if (state === 'expired') return;
    const wait = RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)];
    setTimeout(() => this.#connect(), wait);
  }
}

async function tokenIsOld(): Promise<boolean> {
  try {
    return (await fetch('./', { method: 'HEAD', cache: 'no-store' })).status === 403;
  } catch {
    return false;
  }
}

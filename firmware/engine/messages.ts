/** What the main thread and the media thread tell each other. */
import type { MessagePort } from 'node:worker_threads';
import type { TunnelCommand, TunnelEvent } from '#media/tunnel.ts';
import type { EngineCommand, EngineEvent } from '#media/types.ts';
import type { TunnelCells } from './backlog.ts';

/** What the main thread sends: a command, that it shall stand by from now on, that it rings on, whether it lives, or that it is over. */
export type ToWorker =
  | EngineCommand
  | TunnelCommand
  | { readonly kind: 'stand-by' }
  | { readonly kind: 'still-rings' }
  | { readonly kind: 'ping' }
  | { readonly kind: 'stop' };

/** What it is told. */
export type FromWorker = EngineEvent | TunnelEvent | { readonly kind: 'pong' };

export interface WorkerStart {
  readonly sound: MessagePort;
  readonly cells: TunnelCells;
}

/** Whether a message of either direction belongs to the tunnel. */
export function isOfTunnel(message: ToWorker): message is TunnelCommand;
export function isOfTunnel(message: FromWorker): message is TunnelEvent;
export function isOfTunnel({ kind }: ToWorker | FromWorker): boolean {
  return kind.startsWith('tunnel');
}

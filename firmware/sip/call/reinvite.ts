/** One re-INVITE of ours (RFC 3261 14.1): offer, answer, ACK. */

import { sdpOf } from '../message/body.ts';
import { ALLOW } from '../refusals.ts';
import type { Exchange, Failure, Part, RequestUser } from '../request/request.ts';
import type { Flow } from '../types.ts';
import { Acknowledgement } from './acknowledgement.ts';
import type { CallState } from './call.ts';
import type { Dialog } from './dialog.ts';

export interface ReinviteUser {
  succeeded(flow: Flow): void;
  refused(failure: Failure): void;
  /** No offer could be made; nothing was sent. */
  withdrawn(status: number): void;
  /** The ACK cannot be sent: the session hangs in the air. */
  lost(reason: string): void;
}

export class Reinvite implements RequestUser {
  readonly #call: CallState;
  readonly #dialog: Dialog;
  readonly #user: ReinviteUser;
  #acknowledgement: Acknowledgement | undefined;

  constructor(call: CallState, dialog: Dialog, user: ReinviteUser) {
    this.#call = call;
    this.#dialog = dialog;
    this.#user = user;
  }

  compose(flow: Flow, go: (part: Part) => void): void {
    this.#call.describe(flow, undefined, (described) => {
      if ('status' in described) this.#user.withdrawn(described.status);
      else go({ headers: [ALLOW], body: described.sdp, contentType: 'application/sdp' });
    });
  }

  success(exchange: Exchange): void {
    if (this.#acknowledgement !== undefined) {
      this.#acknowledgement.again();
      return;
    }
    const { core, identity, id } = this.#call;
    const { response, flow } = exchange;
    this.#dialog.refreshTarget(response);
    this.#acknowledgement = new Acknowledgement(core);
    this.#acknowledgement.send(exchange, this.#dialog, identity, undefined, (reason) =>
      this.#user.lost(reason),
    );
    const sdp = sdpOf(response);
    if (sdp === undefined) {
      this.#user.lost('the answer is missing in the response to re-INVITE');
      return;
    }
    this.#call.emit({ kind: 'answer', call: id, sdp, early: false });
    this.#user.succeeded(flow);
  }

  failure(failure: Failure): void {
    this.#user.refused(failure);
  }
}

/** What the settings show. */

import type { Status } from '#phone/types.ts';
import type { ConfigView } from '#provisioning/editing.ts';
import type { LogLine, NeighbourStatus, ServerReport } from '../../admin/types.ts';
import { observable } from '../observable.ts';
import type { Traced } from '../traced.ts';

/** What the telephone says of its door. */
export interface Gate {
  readonly claimed: boolean;
  /** We are logged in. */
  readonly in: boolean;
  readonly leastLength: number;
  /** Seconds before the next try. */
  readonly wait: number;
  readonly csrf?: string;
  readonly fingerprint?: string;
  /** Where the same server has the handset. */
  readonly handset?: string;
}

/** The settings are not here any more. */
export interface Gone {
  /** For people. */
  readonly why: string;
  /** Where they are now. */
  readonly url?: string;
}

export interface AdminState {
  /** null: they are here. */
  readonly gone: Gone | null;
  /** null: not known yet. */
  readonly gate: Gate | null;
  readonly link: 'connecting' | 'open' | 'lost';
  readonly status: Status | null;
  readonly neighbours: readonly NeighbourStatus[];
  readonly server: ServerReport;
  readonly trace: readonly Traced[];
  readonly log: readonly (LogLine & { readonly id: number })[];
  readonly config: ConfigView | null;
  /** Read aloud and shown for a while: what just happened. */
  readonly notice: string;
}

export const START: AdminState = {
  gone: null,
  gate: null,
  link: 'connecting',
  status: null,
  neighbours: [],
  server: { changes: [] },
  trace: [],
  log: [],
  config: null,
  notice: '',
};

export const { current, change, use: useAdmin } = observable(START);

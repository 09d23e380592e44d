/** What a person who edits the configuration sees and sends: types alone, for the page knows no more of provisioning. */
import type { Origin } from './types.ts';

/** Something to say of one place of the text. */
export interface Finding {
  /** JSON pointer; empty: of the text as a whole. */
  readonly path: string;
  readonly reason: string;
  /** From 1. Absent: the place is not in the text. */
  readonly line?: number;
}

export interface Checked {
  /** The text is refused as long as there is one. */
  readonly faults: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/** One place of the schema: what it is, and what each layer says of it, the highest first (explain.ts). */
export interface ShownPlace {
  /** JSON pointer. */
  readonly at: string;
  readonly value?: unknown;
  readonly said: readonly { readonly origin: Origin; readonly from: string; readonly value: unknown }[];
}

export interface ConfigView {
  /** The effective configuration, secrets masked. */
  readonly effective: unknown;
  /** Every place of the schema, with what each layer says of it. Secrets are masked. */
  readonly places: readonly ShownPlace[];
  /** The local changes as YAML, secrets masked. */
  readonly local: string;
  readonly warnings: readonly string[];
  /** Goes back with a change: who edited what is no longer there is told so. */
  readonly revision: string;
}

/** What a person saves: the whole local layer as text, or a new account list and the rest as it is. */
export type Edit = { readonly text: string } | { readonly accounts: readonly unknown[] };

export type Saved =
  | ({ readonly kind: 'saved' } & Pick<Checked, 'warnings'>)
  | ({ readonly kind: 'refused' } & Checked)
  /** Somebody else saved in between. */
  | { readonly kind: 'outdated' };

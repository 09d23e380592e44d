/**
 * Which path two peers of 6bed4 come to use, by the NATs that they are behind: one table for the simulated NATs and
 * for the real ones of the laboratory. Kinds have the names of RFC 3489 5, taken apart as in RFC 4787.
 *
 * The rule behind it: a peer's address names the port by which the router sees it, and a direct datagram counts only
 * from there. A NAT that gives another port for another remote end breaks that, whatever it filters.
 */
import type { NatOptions } from './nat.ts';

export type Path = 'direct' | 'relayed';

export type NatBehaviour = Pick<NatOptions, 'mapping' | 'filtering'> & Required<Pick<NatOptions, 'ports'>>;

/** How NATs of each kind behave; `public` is no NAT at all. */
export const NAT_KINDS = {
  public: undefined,
  'full cone': { mapping: 'endpoint-independent', filtering: 'endpoint-independent', ports: 'random' },
  restricted: { mapping: 'endpoint-independent', filtering: 'address-dependent', ports: 'random' },
  'port-restricted': {
    mapping: 'endpoint-independent',
    filtering: 'address-and-port-dependent',
    ports: 'preserved',
  },
  'symmetric preserving': {
    mapping: 'address-and-port-dependent',
    filtering: 'address-and-port-dependent',
    ports: 'preserved',
  },
  'symmetric random': {
    mapping: 'address-and-port-dependent',
    filtering: 'address-and-port-dependent',
    ports: 'random',
  },
} as const satisfies Record<string, NatBehaviour | undefined>;

export type NatKind = keyof typeof NAT_KINDS;

/**
 * Rules of nftables and the kind of NAT that they make, where the input from outside is dropped. An uninvited datagram
 * that gets as far as a refusal leaves an entry in conntrack, and that takes the port away from the host inside.
 */
export const NFTABLES_KINDS = {
  masquerade: 'port-restricted',
  'masquerade random': 'symmetric random',
} as const satisfies Record<string, NatKind>;

const D = 'direct';
const R = 'relayed';

const COLUMNS = [
  'public',
  'full cone',
  'restricted',
  'port-restricted',
  'symmetric preserving',
  'symmetric random',
] as const satisfies readonly NatKind[];

/** A row for each kind, in the order of the columns; who calls whom makes no difference. */
const TWO_NATS: Record<NatKind, readonly Path[]> = {
  public: [D, D, D, D, R, R],
  'full cone': [D, D, D, D, R, R],
  restricted: [D, D, D, D, R, R],
  'port-restricted': [D, D, D, D, R, R],
  'symmetric preserving': [R, R, R, R, R, R],
  'symmetric random': [R, R, R, R, R, R],
};

export interface Outcome {
  readonly caller: NatKind;
  readonly callee: NatKind;
  readonly path: Path;
}

/** Two peers, each behind a NAT of its own. */
export const OUTCOMES: readonly Outcome[] = COLUMNS.flatMap((caller) =>
  COLUMNS.map((callee, column) => ({ caller, callee, path: TWO_NATS[caller][column] ?? R })),
);

export interface SameNatOutcome {
  readonly kind: Exclude<NatKind, 'public'>;
  readonly hairpin: boolean;
  readonly path: Path;
}

/** Two peers behind one NAT. */
export const SAME_NAT_OUTCOMES: readonly SameNatOutcome[] = [
  { kind: 'full cone', hairpin: true, path: D },
  { kind: 'full cone', hairpin: false, path: R },
  { kind: 'restricted', hairpin: true, path: D },
  { kind: 'restricted', hairpin: false, path: R },
  { kind: 'port-restricted', hairpin: true, path: D },
  { kind: 'port-restricted', hairpin: false, path: R },
  { kind: 'symmetric preserving', hairpin: true, path: R },
  { kind: 'symmetric preserving', hairpin: false, path: R },
  { kind: 'symmetric random', hairpin: true, path: R },
  { kind: 'symmetric random', hairpin: false, path: R },
];

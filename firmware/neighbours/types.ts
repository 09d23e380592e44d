/** Telephones on the LAN: what is known of each, and what there is to know of this one. */
import type { Family } from '#address/endpoint.ts';

/** Somebody on one of our links who can be called without any server. */
export interface Neighbour {
  /** The same as long as it is the same telephone. */
  readonly key: string;
  /** Absent: it has none, or one that keys cannot dial. */
  readonly extension?: string;
  /** What its owner calls it, or its address. */
  readonly name: string;
  /** What is called. */
  readonly uri: string;
  /** `dualtone-0203.local` */
  readonly host: string;
  /** Where it listens, over UDP where it does. */
  readonly port: number;
  readonly transport: 'udp' | 'tcp';
  /** IPv6 first; link-local ones with their zone. */
  readonly addresses: readonly string[];
  /** Those that are on the link on which we heard of it; and its 6bed4 address, where its key is the one that we know. */
  readonly admitted: readonly string[];
  /** Heard of within the time that it asked to be believed for. */
  readonly fresh: boolean;
  readonly trust: Trust;
  /** Absent in records that do not say it. */
  readonly instanceId?: string;
  /** SHA-256 of the certificate that it shows now, base64url; absent: it shows none. */
  readonly fp?: string;
  /** Where it listens for TLS, as it says. */
  readonly tls?: number;
}

/** `open`: it shows no key; `pinned`: the key is that of the first contact; `changed`: it is not. */
export type Trust = 'open' | 'pinned' | 'changed';

/** One of our interfaces, as multicast DNS sees it. */
export interface LinkFacts {
  readonly name: string;
  readonly families: readonly Family[];
  /** Those that may be told, canonical text without zone. */
  readonly addresses: readonly string[];
}

/** What this telephone tells of itself. */
export interface Self {
  /** Shown to others. */
  readonly name: string;
  readonly instanceId: string;
  /** `dualtone-0203`, without `.local`. */
  readonly host: string;
  readonly extension: string;
  readonly port: number;
  /** SHA-256 of our certificate, base64url. */
  readonly fp?: string;
  /** Where we listen for TLS; absent: nowhere. */
  readonly tls?: number | undefined;
  /** Our 6bed4 address. */
  readonly six?: string | undefined;
}

/** What outlives a restart. */
export interface NeighbourhoodState {
  /** The number that was wished, and the one that it has become. */
  readonly wish: string;
  readonly extension: string;
  /** The key of each telephone that was met, by its instance, and its port if that is not 5060. */
  readonly pins: Readonly<Record<string, string>>;
}

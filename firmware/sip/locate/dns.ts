/** DNS as the rules of locating see it: questions, records, answers. How they travel is the business of `net`. */

export type QuestionType = 'A' | 'AAAA' | 'SRV' | 'NAPTR';

export interface Question {
  /** Lower case, without the dot at the end. */
  readonly name: string;
  readonly type: QuestionType;
}

interface ResourceRecord {
  /** Its owner: lower case, without the dot at the end; the root is an empty string. */
  readonly name: string;
  /** Seconds. */
  readonly ttl: number;
}

export interface AddressRecord extends ResourceRecord {
  readonly type: 'A' | 'AAAA';
  readonly address: string;
}

/** RFC 2782. An empty target, the root, says that the service is decidedly not there. */
export interface SrvRecord extends ResourceRecord {
  readonly type: 'SRV';
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

/** RFC 3403 4.1. */
export interface NaptrRecord extends ResourceRecord {
  readonly type: 'NAPTR';
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly services: string;
  readonly regexp: string;
  readonly replacement: string;
}

export interface CnameRecord extends ResourceRecord {
  readonly type: 'CNAME';
  readonly target: string;
}

/** Of RFC 1035 3.3.13 only what negative caching needs (RFC 2308 4). */
export interface SoaRecord extends ResourceRecord {
  readonly type: 'SOA';
  /** Seconds. */
  readonly minimum: number;
}

export type DnsRecord = AddressRecord | SrvRecord | NaptrRecord | CnameRecord | SoaRecord;

/** What a name server said, as far as it is for us. */
export interface DnsAnswer {
  readonly rcode: 'NOERROR' | 'NXDOMAIN';
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

/** No name server gave an answer of use. */
export interface DnsFailure {
  /** For people: `192.0.2.53 does not answer`. */
  readonly failure: string;
}

/** What is known about a question. */
export type Known<R extends DnsRecord = DnsRecord> =
  | { readonly state: 'found'; readonly records: readonly R[] }
  /** Decidedly nothing; `exists`: the name has records of other types (RFC 2308: NODATA, else NXDOMAIN). */
  | { readonly state: 'none'; readonly exists: boolean }
  /** The name is an alias, and what `of` has was not in the answer. */
  | { readonly state: 'alias'; readonly of: string }
  /** Nobody told, or told nonsense. */
  | { readonly state: 'failed'; readonly reason: string };

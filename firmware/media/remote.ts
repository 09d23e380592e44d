/**
 * Where media may come from and goes to. Sound is taken from the address and port that were negotiated. When
 * nothing comes from there for half a second (a peer behind a NAT that names its inner address, an answer that
 * names a wrong port), and another address sends `AGREEING` packets in a row that belong together, media is taken
 * from and sent to that one (latching, RFC 7362 4.4), until the negotiated one is heard again.
 *
 * Only one other address is watched at a time, so a flood costs nothing. Teredo (2001::/32) is neither sent to nor
 * heard. Addresses are compared as the system prints them, which is their canonical text.
 */
import { canonical, isTeredo, isUnspecified } from '#address/ip.ts';
import { sequenceDistance } from './rtp.ts';

const SILENT_MS = 500;
const AGREEING = 5;
/** Packets may be lost or swapped among those that agree. */
const NEAR = 10;

export class MediaRemote {
  #negotiated: Place = { address: '', port: 0 };
  #latched: Place | undefined;
  #heardAt = Number.NEGATIVE_INFINITY;
  #candidate: Place = { address: '', port: 0 };
  #candidateSsrc = 0;
  #candidateSequence = 0;
  #agreeing = 0;

  /** Sets what offer and answer say. A latch is kept only while that stays the same. */
  negotiate(text: string, port: number): void {
    const address = isTeredo(text) || isUnspecified(text) ? '' : (canonical(text) ?? '');
    if (this.#negotiated.address === address && this.#negotiated.port === port) return;
    this.#negotiated = { address, port };
    this.#latched = undefined;
    this.#agreeing = 0;
    this.#heardAt = Number.NEGATIVE_INFINITY;
  }

  /** Where to send; empty: nowhere. */
  get address(): string {
    return (this.#latched ?? this.#negotiated).address;
  }

  get port(): number {
    return (this.#latched ?? this.#negotiated).port;
  }

  /** True while media goes elsewhere than was negotiated. */
  get latched(): boolean {
    return this.#latched !== undefined;
  }

  /** Whether RTCP from an address is the peer's: ports of RTCP are not latched. */
  isPeer(address: string): boolean {
    return address === this.#negotiated.address || address === this.#latched?.address;
  }

  /** Whether a packet from this place is the peer's. `now` in ms. */
  accepts(address: string, port: number, ssrc: number, sequence: number, now: number): boolean {
    if (isAt(this.#negotiated, address, port)) {
      this.#latched = undefined;
      this.#heardAt = now;
      return true;
    }
    if (this.#latched !== undefined && isAt(this.#latched, address, port)) {
      this.#heardAt = now;
      return true;
    }
    if (now - this.#heardAt < SILENT_MS || isTeredoText(address)) return false;
    return this.#agrees(address, port, ssrc, sequence, now);
  }

  #agrees(address: string, port: number, ssrc: number, sequence: number, now: number): boolean {
    const step = Math.abs(sequenceDistance(sequence, this.#candidateSequence));
    const same =
      isAt(this.#candidate, address, port) && ssrc === this.#candidateSsrc && step <= NEAR && step > 0;
    if (!same) {
      this.#candidate.address = address;
      this.#candidate.port = port;
      this.#candidateSsrc = ssrc;
    }
    this.#candidateSequence = sequence;
    this.#agreeing = same ? this.#agreeing + 1 : 1;
    if (this.#agreeing < AGREEING) return false;
    this.#latched = { address, port };
    this.#heardAt = now;
    this.#agreeing = 0;
    return true;
  }
}

/** The same as isTeredo for canonical text, without reading it: this is asked for every packet of a flood. */
function isTeredoText(address: string): boolean {
  return address.startsWith('2001:0:') || address.startsWith('2001::');
}

interface Place {
  address: string;
  port: number;
}

function isAt(place: Place, address: string, port: number): boolean {
  return place.port === port && place.address === address;
}

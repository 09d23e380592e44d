/**
 * The host inside the tunnel, above the peer: UDP, fragments, echo and the errors of ICMPv6. No IO and no clock: what
 * leaves is handed to `transmit`, time is an argument.
 */
import { type Ipv6, isLinkLocal, isMulticast, isSelf } from '../address/ipv6.ts';
import { fragments, Reassembly } from '../packet/fragment.ts';
import { echoReply, IcmpCode, IcmpType, icmpError, readError } from '../packet/icmpv6.ts';
import { destinationOf, MTU, NextHeader, nextHeaderOf, sourceOf } from '../packet/ipv6.ts';
import { readUdp, type UdpEnd, udpPacket } from '../packet/udp.ts';
import { Rate } from '../peer/rate.ts';
import { Ports, type Receiver } from './ports.ts';

/** Hears whether the datagram left: null, or the code of an error of the system. */
export type Done = (code: string | null) => void;

export interface HostDoor {
  /** A packet of at most 1280 octets; `done` is called once, later. */
  transmit(packet: Uint8Array, done?: Done): void;
  /** The source for a packet to there; undefined: there is no address yet. */
  source(destination: Ipv6): Ipv6 | undefined;
  /** 0 up to 1. */
  random(): number;
}

/** Offset of the next header field (RFC 8200 3), for the pointer of a parameter problem. */
const NEXT_HEADER_FIELD = 6;

/** Linux's `icmpv6_err_convert`: by code of destination unreachable, then by type. */
const UNREACHABLE = [
  'ENETUNREACH',
  'EACCES',
  'EHOSTUNREACH',
  'EHOSTUNREACH',
  'ECONNREFUSED',
  'EACCES',
  'EACCES',
];
const CODES = ['', '', 'EMSGSIZE', 'EHOSTUNREACH', 'EPROTO'];

export class Host {
  readonly ports: Ports;
  readonly #door: HostDoor;
  readonly #reassembly = new Reassembly();
  // RFC 4443 2.4 (f): what strangers can make us say is limited.
  readonly #echoes = new Rate(20, 10);
  readonly #errors = new Rate(10, 5);
  #identification: number;

  constructor(door: HostDoor) {
    this.#door = door;
    this.ports = new Ports(door.random);
    this.#identification = Math.floor(door.random() * 2 ** 32);
  }

  get deadline(): number {
    return this.#reassembly.deadline;
  }

  tick(now: number): void {
    this.#reassembly.tick(now);
  }

  /** Sends a datagram of at most 65 527 octets. The code of an error if that cannot be, and then `done` is not called. */
  send(
    receiver: Receiver,
    port: number,
    to: UdpEnd,
    payload: Uint8Array,
    hopLimit: number,
    done?: Done,
  ): string | undefined {
    const address = this.here(to.address);
    const source = address && (receiver.local ?? this.#door.source(address));
    if (!source || !address) return 'ENETUNREACH';
    const packet = udpPacket({ address: source, port }, { address, port: to.port }, payload, hopLimit);
    this.#transmit(packet, done);
    return undefined;
  }

  /** Where a packet to this address goes: ::1 and :: are ourselves, as they are to Linux; undefined: nowhere. */
  here(address: Ipv6): Ipv6 | undefined {
    if (isMulticast(address) || isLinkLocal(address)) return undefined;
    return isSelf(address) ? this.#door.source(address) : address;
  }

  /** A packet for us, of whose addresses the peer has made sure; it may be a fragment. */
  deliver(packet: Uint8Array, now: number): void {
    const whole = this.#reassembly.add(packet, now);
    if (!whole) return;
    switch (nextHeaderOf(whole)) {
      case NextHeader.udp:
        this.#datagram(whole, now);
        break;
      case NextHeader.icmp:
        this.#message(whole, now);
        break;
      case NextHeader.none:
        break;
      default:
        this.#refuse(whole, IcmpType.parameterProblem, IcmpCode.nextHeader, NEXT_HEADER_FIELD, now);
    }
  }

  #datagram(packet: Uint8Array, now: number): void {
    const datagram = readUdp(packet);
    if (!datagram) return;
    const source = sourceOf(packet);
    const { sourcePort, destinationPort } = datagram;
    const receiver = this.ports.find(destinationPort, destinationOf(packet), source, sourcePort);
    // From port 0 there is nobody to answer (RFC 768), so nobody to hear either.
    if (sourcePort === 0) return;
    if (receiver) receiver.receive(datagram.payload, source, sourcePort);
    else this.#refuse(packet, IcmpType.destinationUnreachable, IcmpCode.port, 0, now);
  }

  #message(packet: Uint8Array, now: number): void {
    const reply = packet[40] === IcmpType.echoRequest && this.#echoes.take(now) && echoReply(packet);
    if (reply) this.#transmit(reply);
    const error = readError(packet);
    if (!error) return;
    const code = error.type === IcmpType.destinationUnreachable ? UNREACHABLE[error.code] : CODES[error.type];
    if (!code) return;
    const { from, to } = error;
    const receiver = this.ports.find(from.port, from.address, to.address, to.port);
    // As on Linux: who is not connected and did not ask for it does not hear of it.
    if (receiver?.remote || receiver?.recvErr) receiver.refused(code, to);
  }

  #refuse(packet: Uint8Array, type: number, code: number, parameter: number, now: number): void {
    if (!this.#errors.take(now)) return;
    const error = icmpError(destinationOf(packet), packet, type, code, parameter);
    if (error) this.#door.transmit(error);
  }

  /** `done` hears of the last piece. */
  #transmit(packet: Uint8Array, done?: Done): void {
    if (packet.length <= MTU) {
      this.#door.transmit(packet, done);
      return;
    }
    this.#identification = (this.#identification + 1) >>> 0;
    const pieces = fragments(packet, this.#identification);
    for (const [i, piece] of pieces.entries()) {
      this.#door.transmit(piece, i === pieces.length - 1 ? done : undefined);
    }
  }
}

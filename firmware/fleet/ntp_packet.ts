/**
 * A question for the time and its answer, by SNTP of RFC 5905 14 in 48 octets:
 *
 *   LI(2) VN(3) mode(3) | stratum | poll | precision | delay(4) | dispersion(4) | id(4)
 *   reference(8) | origin(8) | receive(8) | transmit(8)          seconds since 1900, 32.32
 */
export const NTP_PORT = 123;
export const NTP_OCTETS = 48;

const VERSION = 4;
const CLIENT = 3;
const SERVER = 4;
const UNSYNCHRONISED = 3;
const FURTHEST_STRATUM = 15;
const ORIGIN = 24;
const RECEIVE = 32;
const TRANSMIT = 40;
/** Seconds from 1900 to 1970. */
const EPOCH = 2_208_988_800;
const ERA = 2 ** 32;

/** What an answer says, or why it says nothing. */
export type NtpAnswer =
  /** ms to add to our clock, and how much of it is uncertain. */
  | { readonly offset: number; readonly delay: number }
  /** A kiss of death among them (RFC 5905 7.4): the server wants to be left alone. */
  | { readonly refused: string; readonly leaveAlone: boolean };

/** `nonce`: 8 random octets in place of our time, which is nobody's business; the answer brings them back. */
export function ntpQuestion(nonce: Uint8Array): Buffer {
  const packet = Buffer.alloc(NTP_OCTETS);
  packet[0] = (VERSION << 3) | CLIENT;
  packet.set(nonce.subarray(0, 8), TRANSMIT);
  return packet;
}

/** `sent` and `received`: our clock's ms since 1970 when the question left and the answer came. */
export function readNtpAnswer(
  octets: Uint8Array,
  nonce: Uint8Array,
  sent: number,
  received: number,
): NtpAnswer {
  const packet = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  const refuse = (refused: string, leaveAlone = false): NtpAnswer => ({ refused, leaveAlone });
  if (packet.length < NTP_OCTETS) return refuse('too short');
  if (!packet.subarray(ORIGIN, ORIGIN + 8).equals(nonce.subarray(0, 8))) return refuse('no answer of ours');
  const first = packet[0] ?? 0;
  const stratum = packet[1] ?? 0;
  if ((first & 7) !== SERVER) return refuse('no answer of a server');
  if (stratum === 0) return refuse(`kiss of death ${packet.toString('latin1', 12, 16)}`, true);
  if (first >> 6 === UNSYNCHRONISED || stratum > FURTHEST_STRATUM)
    return refuse('the server has no time itself');
  const [came, left] = [timeAt(packet, RECEIVE), timeAt(packet, TRANSMIT)];
  if (came === undefined || left === undefined) return refuse('no time');
  return {
    offset: (came - sent + (left - received)) / 2,
    delay: Math.max(0, received - sent - (left - came)),
  };
}

/** ms since 1970; of the eras (they change in 2036) that which begins with the first NTP second after 1968. */
function timeAt(packet: Buffer, at: number): number | undefined {
  const seconds = packet.readUInt32BE(at);
  const fraction = packet.readUInt32BE(at + 4);
  if (seconds === 0 && fraction === 0) return undefined;
  // RFC 4330 3: the highest bit says whether it is before or after 2036.
  const since1900 = seconds >= ERA / 2 ? seconds : seconds + ERA;
  return (since1900 - EPOCH) * 1000 + (fraction * 1000) / ERA;
}

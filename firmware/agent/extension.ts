/** The number by which neighbours dial this telephone, where the configuration wishes none. */
import { networkInterfaces } from 'node:os';

const FIRST = 200;
/** 200–799: begins like no emergency number and like no exchange line. */
const COUNT = 600;

/** The same telephone gets the same number after every start: it follows from its hardware address. */
export function defaultExtension(interfaces = networkInterfaces()): string {
  const octets = ownMac(interfaces)
    .split(':')
    .map((pair) => Number.parseInt(pair, 16));
  return String(FIRST + (crc16(octets) % COUNT));
}

const NO_MAC = '00:00:00:00:00:00';

/** The hardware address by which this telephone is known, `dc:a6:32:01:02:03`. */
export function ownMac(interfaces = networkInterfaces()): string {
  const all = Object.values(interfaces).flatMap((list) => list ?? []);
  return all.find(({ internal, mac }) => !internal && mac !== NO_MAC)?.mac ?? NO_MAC;
}

/** CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xffff. */
export function crc16(octets: readonly number[]): number {
  let crc = 0xffff;
  for (const octet of octets) {
    crc ^= octet << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return crc;
}

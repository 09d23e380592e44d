/** The number by which neighbours dial this telephone, where the configuration wishes none. */
const FIRST = 200;
/** 200–799: begins like no emergency number and like no exchange line. */
const COUNT = 600;

/** The same telephone gets the same number after every start: it follows from its hardware address, `dca632010203`. */
export function defaultExtension(mac: string): string {
  return String(FIRST + (crc16([...Buffer.from(mac, 'hex')]) % COUNT));
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

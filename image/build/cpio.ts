/**
 * An archive that the kernel unpacks as its first root: cpio, "new ASCII format"
 * (the kernel's Documentation/driver-api/early-userspace/buffer-format.rst).
 *
 *     c_magic 6 | 13 fields of 8 hexadecimal digits | name NUL | to 4 octets | data | to 4 octets
 */

export type Entry =
  | { readonly kind: 'folder'; readonly name: string; readonly mode: number }
  | { readonly kind: 'file'; readonly name: string; readonly mode: number; readonly data: Buffer }
  | { readonly kind: 'link'; readonly name: string; readonly target: string }
  | {
      readonly kind: 'device';
      readonly name: string;
      readonly mode: number;
      readonly major: number;
      readonly minor: number;
    };

const KIND = { folder: 0o040000, file: 0o100000, link: 0o120000, device: 0o020000 };
const TRAILER: Entry = { kind: 'file', name: 'TRAILER!!!', mode: 0, data: Buffer.alloc(0) };

const contentOf = (entry: Entry): Buffer =>
  entry.kind === 'file' ? entry.data : Buffer.from(entry.kind === 'link' ? entry.target : '');

const filled = (octets: Buffer): Buffer =>
  Buffer.concat([octets, Buffer.alloc((4 - (octets.length % 4)) % 4)]);

function record(entry: Entry, inode: number, epoch: number): Buffer {
  const data = contentOf(entry);
  const name = `${entry.name}\0`;
  const mode = entry === TRAILER ? 0 : KIND[entry.kind] | (entry.kind === 'link' ? 0o777 : entry.mode);
  const [major, minor] = entry.kind === 'device' ? [entry.major, entry.minor] : [0, 0];
  const links = entry.kind === 'folder' ? 2 : 1;
  const time = entry === TRAILER ? 0 : epoch;
  // inode, mode, owner, group, links, time, size, device of the archive (2), of this file (2), length of name, check
  const fields = [
    inode,
    mode,
    0,
    0,
    links,
    time,
    data.length,
    0,
    0,
    major,
    minor,
    Buffer.byteLength(name),
    0,
  ];
  const head = `070701${fields.map((field) => field.toString(16).toUpperCase().padStart(8, '0')).join('')}${name}`;
  return Buffer.concat([filled(Buffer.from(head)), filled(data)]);
}

/** In the order given; all belongs to root, and is of `epoch` (s). A folder has to come before what lies in it. */
export const cpio = (entries: readonly Entry[], epoch: number): Buffer =>
  Buffer.concat([...entries.map((entry, index) => record(entry, index + 1, epoch)), record(TRAILER, 0, 0)]);

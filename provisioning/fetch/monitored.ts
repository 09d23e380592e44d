/**
 * Files of which the server tells by SIP when they are others (RFC 6011 2.5.1): it names a SIP URI with each, and what is
 * told there is the header part that HTTP would have (RFC 5989), which is held against what is known.
 */
import type { FileRecord } from './attempt.ts';

/** Whom to subscribe to. */
export function monitorsOf(files: readonly FileRecord[]): readonly string[] {
  return [...new Set(files.flatMap(({ monitor }) => monitor ?? []))];
}

/** Whether the file has to be asked for again. `body`: absent where the server will not tell (2.5.1.1). */
export function isNews(files: readonly FileRecord[], uri: string, body: string | undefined): boolean {
  const told = files.filter(({ monitor }) => monitor === uri);
  if (told.length === 0) return false;
  const [etag, lastModified] = [fieldIn(body, 'etag'), fieldIn(body, 'last-modified')];
  const isKnown = ({ validators }: FileRecord) =>
    etag === undefined ? validators.lastModified === lastModified : validators.etag === etag;
  return (etag ?? lastModified) === undefined || !told.some(isKnown);
}

function fieldIn(body: string | undefined, name: string): string | undefined {
  const lines = body?.split(/\r?\n/) ?? [];
  const line = lines.find((each) => each.toLowerCase().startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim();
}

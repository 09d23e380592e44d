/** The descriptions printed in the RFCs (test/data/sdp). */
import { readFileSync } from 'node:fs';
import { type Description, parseDescription } from '#sdp/description.ts';

export interface Vector {
  readonly rfc: string;
  readonly section: string;
  readonly title: string;
  readonly role?: 'offer' | 'answer' | 'capabilities';
  readonly sdp: string;
}

export function vectorsOf(rfc: string): readonly Vector[] {
  const file = new URL(`../data/sdp/${rfc}.json`, import.meta.url);
  const { descriptions } = JSON.parse(readFileSync(file, 'utf8')) as { descriptions: Omit<Vector, 'rfc'>[] };
  return descriptions.map((description) => ({ rfc, ...description }));
}

export const ALL: readonly Vector[] = ['rfc3264', 'rfc4317', 'rfc4566', 'rfc8866'].flatMap(vectorsOf);

/** The description behind a text that must be one. */
export function described(text: string): Description {
  const parsed = parseDescription(text);
  if (!parsed.ok) throw new Error(`line ${parsed.line}: ${parsed.reason}\n${text}`);
  return parsed.description;
}

/** Lines with CRLF. */
export function sdp(...lines: readonly string[]): string {
  return lines.map((line) => `${line}\r\n`).join('');
}

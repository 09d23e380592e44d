/**
 * dhclient.leases(5): for each lease a block in braces, the newest last.
 *
 *     lease {
 *       interface "eth0";
 *       fixed-address 192.0.2.50;
 *       option tftp-server-name "https://prov.example.net/";
 *       option unknown-160 68:74:74:70;
 *       expire 4 2026/11/26 09:30:00;
 *     }
 */
import { factsOf4 } from './dhcp4_options.ts';
import { factsOf6 } from './dhcp6_options.ts';
import { options4Of, options6Of, type Told } from './lease_values.ts';
import type { Lease } from './leases.ts';

const LONGEST = 262_144;
const DEEPEST = 8;

export interface DhclientLease extends Lease {
  readonly interface: string;
}

/** The last lease of each interface and family; those that are over by `now`, ms since 1970, are left out. */
export function readDhclientLeases(text: string, now: number): readonly DhclientLease[] {
  const last = new Map<string, DhclientLease>();
  for (const { kind, words } of blocksOf(text)) {
    const name = words.find(([first]) => first === 'interface')?.[1]?.text;
    if (name === undefined || isOver(words, now)) continue;
    last.set(`${kind} ${name}`, leaseOf(kind, words, name));
  }
  return [...last.values()];
}

function leaseOf(kind: BlockKind, statements: readonly Statement[], name: string): DhclientLease {
  const where = `${name}, lease of dhclient`;
  const told = statements.flatMap(([first, ...rest]) => (first === 'option' ? toldOf(rest) : []));
  const after = (key: string) =>
    statements.flatMap(([first, second]) => (first === key ? (second?.text ?? []) : []));
  if (kind === 'lease')
    return {
      interface: name,
      addresses: after('fixed-address'),
      facts: factsOf4(options4Of(told, 'dhclient'), where),
    };
  const six = told.flatMap(([key, text]): readonly Told[] =>
    key.startsWith('dhcp6.') ? [[key.slice('dhcp6.'.length), text]] : [],
  );
  return { interface: name, addresses: after('iaaddr'), facts: factsOf6(options6Of(six, 'dhclient'), where) };
}

function toldOf([name, ...values]: readonly Word[]): readonly Told[] {
  return name === undefined ? [] : [[name.text, values.map(({ text }) => text).join(' ')]];
}

/** `expire 4 2026/11/26 09:30:00` in UTC, `expire epoch 1795685400`, `expire never`; the weekday is not needed. */
function isOver(statements: readonly Statement[], now: number): boolean {
  const [, weekday, day, time] = statements.find(([first]) => first === 'expire') ?? [];
  if (weekday?.text === 'epoch') return Number(day?.text) * 1000 <= now;
  const [, year, month, date] = /^(\d{4})\/(\d{2})\/(\d{2})$/.exec(day?.text ?? '') ?? [];
  return year !== undefined && Date.parse(`${year}-${month}-${date}T${time?.text ?? ''}Z`) <= now;
}

type BlockKind = 'lease' | 'lease6';
interface Word {
  readonly text: string;
}
type Statement = readonly [first: string, ...rest: Word[]];

interface Block {
  readonly kind: BlockKind;
  /** Those of blocks inside it as well, such as an address of `ia-na`. */
  readonly words: readonly Statement[];
}

function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let statement: string[] = [];
  let words: Statement[] = [];
  let kind: BlockKind | undefined;
  let depth = 0;
  const take = () => {
    const [first, ...rest] = statement;
    if (first !== undefined && kind !== undefined) words.push([first, ...rest.map((text) => ({ text }))]);
    statement = [];
  };
  for (const token of tokensOf(text)) {
    if (token.mark === '{') {
      const [name] = statement;
      if (depth === 0) kind = name === 'lease' || name === 'lease6' ? name : undefined;
      take();
      depth += 1;
      if (depth > DEEPEST) break;
    } else if (token.mark === '}') {
      take();
      depth = Math.max(0, depth - 1);
      if (depth > 0) continue;
      if (kind !== undefined) blocks.push({ kind, words });
      [kind, words] = [undefined, []];
    } else if (token.mark === ';') take();
    else statement.push(token.text);
  }
  return blocks;
}

interface Token {
  readonly text: string;
  /** What parts statements; undefined: a word, or a string, whatever it holds. */
  readonly mark?: string;
}

/** Words, strings without their quotes, and what parts them; comments are left out. */
function* tokensOf(text: string): Generator<Token> {
  const token = /#[^\n]*|"((?:[^"\\\n]|\\.)*)"|([{};])|([^\s,;{}"#]+)/g;
  for (const [, string, mark, word] of text.slice(0, LONGEST).matchAll(token)) {
    if (mark !== undefined) yield { text: mark, mark };
    else if (word !== undefined) yield { text: word };
    else if (string !== undefined) yield { text: unescaped(string) };
  }
}

/** `\"`, `\\`, and any octet as three octal digits. */
function unescaped(text: string): string {
  return text.replace(
    /\\(?:([0-3][0-7]{2})|(.))/g,
    (_, octal: string | undefined, other: string | undefined) =>
      octal === undefined ? (other ?? '') : String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

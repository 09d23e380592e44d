/**
 * Dial plans of vendors → our digit map (firmware/phone/digit_map.ts), alternative by alternative. What means the same
 * is taken; a plan of which any part cannot be said exactly is not taken at all, and the administrator hears which:
 * without a map every number can be dialled, it ends by # or after a pause.
 *
 * | form | source |
 * |---|---|
 * | MGCP (Yealink) | RFC 3435 2.1.5 |
 * | Sipura, Cisco SPA | the appendix of the SPA administration guide |
 * | Grandstream | manuals of GXW, GXV and HT |
 */

export type TranslatedPlan = { readonly map: string } | { readonly error: string };

type Form = 'mgcp' | 'sipura' | 'grandstream';

interface Rules {
  /** What may stand around the whole. */
  readonly brackets: RegExp;
  /** Pieces that mean the same to us, or that `write` turns into ours. Sticky. */
  readonly pieces: readonly (readonly [piece: RegExp, write: (piece: string) => string])[];
  /** Alternatives of keys that no telephone has: nothing is lost without them. */
  readonly unreachable?: RegExp;
}

const same = (piece: string): string => piece;
const KEY = /[0-9*#A-D]/iy;
const ANY_DIGIT = /x/iy;
/** Digits, spans of digits, x; no ^, which some forms know and we do not. */
const RANGE = /\[(?:\d-\d|[0-9*#xA-D])+\]/iy;
const TIMER_AT_END = /T$/iy;

const RULES: Readonly<Record<Form, Rules>> = {
  mgcp: {
    brackets: /^\((.*)\)$/s,
    pieces: [
      [KEY, same],
      [ANY_DIGIT, same],
      [RANGE, same],
      [/\./y, same],
      [TIMER_AT_END, same],
    ],
  },
  sipura: {
    brackets: /^\((.*)\)$/s,
    pieces: [
      [/<[0-9*#x]*:[0-9*#+]*>/iy, same],
      [/S0$/iy, same],
      [/!$/y, same],
      [/[0-9*#]/y, same],
      [ANY_DIGIT, same],
      [RANGE, same],
      [/\./y, same],
    ],
  },
  grandstream: {
    brackets: /^\{(.*)\}$/s,
    pieces: [
      [/^\^/y, same],
      [/<[0-9*#x]*=[0-9*#+]*>/iy, (piece) => piece.replace('=', ':')],
      [/[0-9*#]/y, same],
      [ANY_DIGIT, same],
      [RANGE, same],
      // Both ask for one digit at least, and take more: `xx.` and `xx+` are numbers of two digits and more.
      [/[.+](?![.+])/y, () => '+'],
      [TIMER_AT_END, same],
    ],
    // Escaped letters and plus signs.
    unreachable: /\\[a-z+]/i,
  },
};

/** Never throws. `error` is a clause for a warning: `"…" cannot be said exactly`. */
export function translatedPlan(form: Form, text: string): TranslatedPlan {
  const { brackets, unreachable } = RULES[form];
  const plain = text.trim();
  if (plain.length > 4096) return { error: 'it is longer than 4096 characters' };
  const inner = (brackets.exec(plain)?.[1] ?? plain).trim();
  const alternatives = inner.split('|').map((alternative) => alternative.replace(/\s+/g, ''));
  const written: string[] = [];
  for (const alternative of alternatives) {
    if (unreachable?.test(alternative)) continue;
    const ours = writtenAlternative(RULES[form], alternative);
    if (ours === undefined) return { error: `"${alternative.slice(0, 40)}" cannot be said exactly` };
    written.push(ours);
  }
  if (written.length === 0) return { error: 'it has no number that can be dialled with keys' };
  return { map: `(${written.join('|')})` };
}

function writtenAlternative({ pieces }: Rules, alternative: string): string | undefined {
  let written = '';
  let at = 0;
  while (at < alternative.length) {
    const found = pieces.find(([piece]) => {
      piece.lastIndex = at;
      return piece.test(alternative);
    });
    if (found === undefined) return undefined;
    const [piece, write] = found;
    const end = piece.lastIndex;
    written += write(alternative.slice(at, end));
    at = end;
  }
  return isPossible(written) ? written : undefined;
}

/** Repetition needs one thing to repeat, a number needs a digit, and a span runs upwards. */
function isPossible(written: string): boolean {
  const digits = written.replace(/<([^:>]*):[^>]*>/g, '$1').replace(/(?:T|S0)$/i, '');
  const spans = [...written.matchAll(/(\d)-(\d)/g)];
  return (
    !/^\^?[.+]|[.+>][.+]/.test(written) &&
    /[0-9*#xA-D]/i.test(digits) &&
    spans.every(([, from = '', to = '']) => from <= to)
  );
}

/** Small shapes of circuit drawings, as SVG text. */

export const INK = '#22303c';
export const PAPER = '#fbfaf7';
export const QUIET = '#8a96a1';
/** Colours of parts; told apart also by people who see few colours (after Okabe and Ito). */
export const COLOURS = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#b8860b',
  '#56b4e9',
  '#5d3fd3',
  '#7a7a7a',
];

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

interface TextStyle {
  readonly size?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly fill?: string;
  readonly bold?: boolean;
}

export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size = 13, anchor = 'start', fill = INK, bold = false } = style;
  const weight = bold ? ' font-weight="600"' : '';
  return `<text x="${x}" y="${y}" font-size="${size}" text-anchor="${anchor}" fill="${fill}"${weight}>${escaped(content)}</text>`;
}

export function wire(points: string, colour = INK): string {
  return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"/>`;
}

export function box(x: number, y: number, width: number, height: number, colour = INK): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="#fff" stroke="${colour}" stroke-width="1.6"/>`;
}

export function dot(x: number, y: number, colour = INK): string {
  return `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`;
}

/** The sign of ground, hanging from (x, y). */
export function ground(x: number, y: number): string {
  return [
    wire(`${x},${y} ${x},${y + 4}`),
    wire(`${x - 7},${y + 4} ${x + 7},${y + 4}`),
    wire(`${x - 4},${y + 7.5} ${x + 4},${y + 7.5}`),
    wire(`${x - 1.5},${y + 11} ${x + 1.5},${y + 11}`),
  ].join('');
}

/** What hangs on a line, from (x, y) on away from the header; `side` 1 goes right, -1 left. 66 wide. */
export const SYMBOLS = {
  switch: (x: number, y: number, side: 1 | -1, colour: string) => {
    const at = (offset: number) => x + side * offset;
    return [
      wire(`${x},${y} ${at(16)},${y}`, colour),
      dot(at(16), y, colour),
      wire(`${at(16)},${y} ${at(36)},${y - 7}`, colour),
      dot(at(38), y, colour),
      wire(`${at(38)},${y} ${at(54)},${y}`, colour),
      ground(at(54), y),
    ].join('');
  },
  lamp: (x: number, y: number, side: 1 | -1, colour: string) => {
    const at = (offset: number) => x + side * offset;
    const [left, right] = [Math.min(at(8), at(24)), Math.min(at(30), at(42))];
    const tip = side === 1 ? right + 12 : right;
    const base = side === 1 ? right : right + 12;
    return [
      wire(`${x},${y} ${at(8)},${y}`, colour),
      `<rect x="${left}" y="${y - 4}" width="16" height="8" fill="#fff" stroke="${colour}" stroke-width="1.6"/>`,
      wire(`${at(24)},${y} ${at(30)},${y}`, colour),
      `<path d="M${base} ${y - 6}V${y + 6}L${tip} ${y}Z" fill="${colour}"/>`,
      wire(`${tip},${y - 6} ${tip},${y + 6}`, colour),
      wire(`${at(42)},${y} ${at(54)},${y}`, colour),
      ground(at(54), y),
    ].join('');
  },
  output: (x: number, y: number, side: 1 | -1, colour: string) => arrow(x, x + side * 58, y, colour),
  input: (x: number, y: number, side: 1 | -1, colour: string) =>
    arrow(x + side * 58, x + side * 8, y, colour),
  matrix: (x: number, y: number, side: 1 | -1, colour: string) => plain(x, y, side, colour),
  bus: (x: number, y: number, side: 1 | -1, colour: string) => plain(x, y, side, colour),
} as const;

function plain(x: number, y: number, side: 1 | -1, colour: string): string {
  return wire(`${x},${y} ${x + side * 58},${y}`, colour) + dot(x + side * 58, y, colour);
}

export function arrow(from: number, to: number, y: number, colour = INK): string {
  const back = from < to ? -8 : 8;
  return `${wire(`${from},${y} ${to},${y}`, colour)}<path d="M${to} ${y}l${back} -5v10Z" fill="${colour}"/>`;
}

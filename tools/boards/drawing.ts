/** The drawing of a board: the header with every wire that leaves it, and below what hangs on them. */
import type { LinuxBoard } from '#hal/boards/schema.ts';
import { circuitOf } from './circuits.ts';
import { HEADER, type HeaderPin } from './header.ts';
import { COLOURS, INK, PAPER, QUIET, SYMBOLS, text } from './svg.ts';
import { type Wire, wiresOf } from './wires.ts';

const WIDTH = 960;
const CENTRE = WIDTH / 2;
const TOP = 120;
const PITCH = 28;
const BOTTOM = TOP + 20 * PITCH;
const SUPPLY: Readonly<Record<string, string>> = { '3V3': '#e8a33d', '5V': '#d9534f', GND: '#4a4f55' };

export function drawing(board: LinuxBoard): string {
  const wires = wiresOf(board);
  const circuit = circuitOf(board);
  const height = BOTTOM + 40 + circuit.height;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="'DejaVu Sans', Verdana, sans-serif" role="img">`,
    `<title>Wiring of the board ${board.name}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="${PAPER}"/>`,
    text(40, 44, board.name, { size: 24, bold: true }),
    text(40, 66, board.description, { fill: QUIET }),
    socket(),
    ...HEADER.map((pin, index) =>
      pinAt(
        index,
        pin,
        wires.find(({ line }) => line === pin),
      ),
    ),
    `<g transform="translate(0 ${BOTTOM + 30})">${circuit.svg}</g>`,
    '</svg>\n',
  ].join('\n');
}

function socket(): string {
  return [
    `<rect x="${CENTRE - 44}" y="${TOP - 12}" width="88" height="${20 * PITCH + 16}" rx="8" fill="#2f3a44"/>`,
    text(CENTRE, TOP - 20, 'header, pin 1 at the top left', { size: 11, anchor: 'middle', fill: QUIET }),
  ].join('\n');
}

function pinAt(index: number, pin: HeaderPin, wire: Wire | undefined): string {
  const side = index % 2 === 0 ? -1 : 1;
  const x = CENTRE + side * 18;
  const y = TOP + Math.floor(index / 2) * PITCH + 10;
  const colour = wire && (COLOURS[wire.part % COLOURS.length] ?? INK);
  const fill = colour ?? SUPPLY[pin] ?? '#6d7781';
  const shape =
    index === 0
      ? `<rect x="${x - 9}" y="${y - 9}" width="18" height="18" rx="2" fill="${fill}" stroke="#fff" stroke-width="1.4"/>`
      : `<circle cx="${x}" cy="${y}" r="9" fill="${fill}" stroke="#fff" stroke-width="1.4"/>`;
  const number = text(x, y + 3.5, `${index + 1}`, { size: 9.5, anchor: 'middle', fill: '#fff', bold: true });
  const anchor = side === 1 ? 'start' : 'end';
  const name = typeof pin === 'number' ? `GPIO${pin}` : pin;
  const label = text(CENTRE + side * 54, y + 4, name, { size: 11.5, anchor, fill: wire ? INK : QUIET });
  return [shape, number, label, wire && colour ? tag(wire, colour, side, y, anchor) : ''].join('');
}

/** Where the wire goes, in words and a symbol. */
function tag(wire: Wire, colour: string, side: 1 | -1, y: number, anchor: 'start' | 'end'): string {
  const x = CENTRE + side * 106;
  const words = CENTRE + side * 184;
  return [
    SYMBOLS[wire.symbol](x, y, side, colour),
    text(words, y, wire.use, { anchor, fill: colour, bold: true, size: 12.5 }),
    text(words, y + 12, wire.to, { anchor, fill: QUIET, size: 9.5 }),
  ].join('');
}

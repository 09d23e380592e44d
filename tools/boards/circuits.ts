/** What hangs on the wires of a board, where a line of text does not say enough: matrix, bell circuit, line module. */
import type { LinuxBoard, PartProfile } from '#hal/boards/schema.ts';
import { arrow, box, COLOURS, dot, ground, INK, QUIET, text, wire } from './svg.ts';

export interface Circuit {
  readonly svg: string;
  readonly height: number;
}

export function circuitOf(board: LinuxBoard): Circuit {
  for (const [index, part] of board.parts.entries()) {
    const colour = COLOURS[index % COLOURS.length] ?? INK;
    if (part.kind === 'keypad') return matrix(part, colour);
    if (part.kind === 'bell' && part.driver === 'coil') return bell(part, colour);
    if (part.kind === 'line-interface') return lineModule(part, colour);
  }
  return { svg: '', height: 0 };
}

type PartOf<Kind extends PartProfile['kind']> = Extract<PartProfile, { kind: Kind }>;

const heading = (words: string): string => text(40, 18, words, { size: 15, bold: true });

function matrix({ rows, columns, keys }: PartOf<'keypad'>, colour: string): Circuit {
  const [left, top, dx, dy] = [260, 70, 120, 62];
  const right = left + (columns.length - 1) * dx + 46;
  const bottom = top + (rows.length - 1) * dy + 34;
  const parts: string[] = [heading('The keypad, seen from the front')];
  for (const [column, line] of columns.entries()) {
    const x = left + column * dx;
    parts.push(wire(`${x},${top - 22} ${x},${bottom}`, colour));
    parts.push(text(x, top - 28, `GPIO${line}`, { anchor: 'middle', size: 11.5, bold: true }));
  }
  for (const [row, line] of rows.entries()) {
    const y = top + row * dy + 20;
    parts.push(wire(`${left - 60},${y} ${right},${y}`, INK));
    parts.push(text(left - 68, y + 4, `GPIO${line}`, { anchor: 'end', size: 11.5, bold: true }));
    for (const [column, key] of (keys[row] ?? []).entries()) {
      if (key !== null) parts.push(keyAt(left + column * dx, y, key, colour));
    }
  }
  parts.push(text(right + 48, top + 4, 'columns: inputs, pulled up', { fill: colour, size: 12 }));
  parts.push(text(right + 48, top + 24, 'rows: open drains, low one by one', { size: 12 }));
  parts.push(text(right + 48, top + 44, 'no diodes are needed', { fill: QUIET, size: 12 }));
  return { svg: parts.join('\n'), height: bottom + 30 };
}

/** A key joins its row (below left) and its column (the vertical wire). */
function keyAt(x: number, y: number, key: string, colour: string): string {
  const width = key.length > 1 ? 62 : 32;
  return [
    dot(x, y - 14, colour),
    dot(x - 14, y, INK),
    wire(`${x},${y - 14} ${x - 14},${y}`, QUIET),
    `<rect x="${x + 7}" y="${y - 30}" width="${width}" height="24" rx="5" fill="#fff" stroke="${QUIET}" stroke-width="1.4"/>`,
    text(x + 7 + width / 2, y - 13, key, { anchor: 'middle', size: key.length > 1 ? 11 : 14, bold: true }),
  ].join('');
}

function bell(part: Extract<PartProfile, { kind: 'bell'; driver: 'coil' }>, colour: string): Circuit {
  const half = (y: number, name: string, line: number): string =>
    [
      wire(`380,${y} 420,${y}`, INK),
      coil(420, y),
      wire(`500,${y} 560,${y}`, INK),
      box(560, y - 24, 130, 48, colour),
      text(625, y - 4, `D4184 ${name}`, { anchor: 'middle', bold: true }),
      text(625, y + 13, 'MOSFET switch', { anchor: 'middle', size: 11, fill: QUIET }),
      wire(`690,${y} 728,${y}`, INK),
      ground(728, y),
      arrow(860, 692, y + 18, colour),
      text(868, y + 22, `GPIO${line}`, { bold: true, fill: colour, size: 12.5 }),
      diode(440, y - 34),
      wire(`400,${y} 400,${y - 34} 440,${y - 34}`, INK),
      wire(`464,${y - 34} 520,${y - 34} 520,${y}`, INK),
      dot(400, y),
      dot(520, y),
    ].join('');
  return {
    height: 300,
    svg: [
      heading('The bell: its two coils in turn, 25 times a second'),
      box(40, 128, 110, 48),
      text(95, 149, '12 V', { anchor: 'middle', bold: true }),
      text(95, 166, 'supply', { anchor: 'middle', size: 11, fill: QUIET }),
      arrow(150, 198, 152),
      box(200, 128, 130, 48),
      text(265, 149, 'boost converter', { anchor: 'middle', bold: true }),
      text(265, 166, '12 V to 35 V', { anchor: 'middle', size: 11, fill: QUIET }),
      wire('330,152 380,152', INK),
      wire('380,92 380,212', INK),
      dot(380, 152),
      half(92, 'A', part.a),
      half(212, 'B', part.b),
      text(394, 148, 'bell: two coils, joined at +35 V', { size: 11.5 }),
      text(
        40,
        274,
        'The diodes are 1N4007, their rings at +35 V. Join the grounds of both supplies and of the header.',
        { size: 12, fill: QUIET },
      ),
    ].join('\n'),
  };
}

/** Four turns, 80 wide. */
function coil(x: number, y: number): string {
  const turns = Array.from({ length: 4 }, () => 'a10 10 0 0 1 20 0').join('');
  return `<path d="M${x} ${y}${turns}" fill="none" stroke="${INK}" stroke-width="2"/>`;
}

/** 24 wide, its ring to the left. */
function diode(x: number, y: number): string {
  return [
    `<path d="M${x + 20} ${y - 7}v14L${x + 6} ${y}Z" fill="${INK}"/>`,
    wire(`${x + 6},${y - 7} ${x + 6},${y + 7}`, INK),
    wire(`${x},${y} ${x + 24},${y}`, INK),
  ].join('');
}

function lineModule(part: PartOf<'line-interface'>, colour: string): Circuit {
  const control: readonly (readonly [string, number, 'in' | 'out'])[] = [
    ['SHK', part.shk.line, 'out'],
    ['RM', part.rm, 'in'],
    ['F/R', part.fr, 'in'],
    ...(part.pd === undefined ? [] : ([['PD', part.pd, 'in']] as const)),
  ];
  const rows = control.map(([name, line, way], row) => {
    const y = 82 + row * 36;
    return [
      text(302, y + 4, name, { bold: true, size: 12.5 }),
      text(150, y + 4, `GPIO${line}`, { anchor: 'end', bold: true, fill: colour, size: 12.5 }),
      way === 'in' ? arrow(160, 290, y, colour) : arrow(290, 160, y, colour),
    ].join('');
  });
  const sound = [
    ['VIN', 82 + 4 * 36, 'capacitor', 'from the sound card', 'in'],
    ['VOUT', 82 + 5 * 36, 'capacitor', 'to the sound card', 'out'],
  ] as const;
  return {
    height: 360,
    svg: [
      heading('The line module between header, sound card and telephone'),
      box(290, 50, 260, 262, colour),
      text(420, 120, part.module, { anchor: 'middle', bold: true, size: 18 }),
      text(420, 142, 'line interface module', { anchor: 'middle', size: 11.5, fill: QUIET }),
      ...rows,
      ...sound.map(([name, y, value, what, way]) => soundWire(name, y, value, what, way)),
      ...telephone(),
      text(420, 292, '3.3 V or 5 V by its type; ground', { anchor: 'middle', size: 11.5, fill: QUIET }),
      text(
        40,
        344,
        'TIP and RING carry up to 72 V while it rings. Never join them to a telephone company’s line.',
        { size: 12, fill: '#a94442' },
      ),
    ].join('\n'),
  };
}

function soundWire(name: string, y: number, value: string, what: string, way: 'in' | 'out'): string {
  return [
    text(302, y + 4, name, { bold: true, size: 12.5 }),
    text(150, y + 4, what, { anchor: 'end', size: 12 }),
    wire(`160,${y} 216,${y}`, INK),
    wire(`216,${y - 9} 216,${y + 9}`, INK),
    wire(`223,${y - 9} 223,${y + 9}`, INK),
    way === 'in' ? arrow(223, 290, y) : wire(`223,${y} 290,${y}`, INK),
    text(220, y - 14, value, { anchor: 'middle', size: 10.5, fill: QUIET }),
  ].join('');
}

function telephone(): readonly string[] {
  return [
    ...(['TIP', 'RING'] as const).map((name, row) => {
      const y = 150 + row * 44;
      return [
        text(538, y + 4, name, { anchor: 'end', bold: true, size: 12.5 }),
        wire(`550,${y} 690,${y}`, INK),
      ].join('');
    }),
    box(690, 124, 190, 96),
    text(785, 164, 'analog telephone', { anchor: 'middle', bold: true }),
    text(785, 184, 'any with keys or a dial', { anchor: 'middle', size: 11.5, fill: QUIET }),
    wire('620,150 620,158', INK),
    wire('614,158 626,158 626,186 614,186 614,158', INK),
    wire('620,186 620,194', INK),
    text(634, 176, '20 kΩ', { size: 11 }),
  ];
}

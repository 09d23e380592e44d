/** What the chips of a board cannot do, whatever they are wired to. */
import { CONTROLLERS, OLED_ROWS } from '../parts/oled_controllers.ts';
import type { Problem } from './conflicts.ts';
import type { LinuxBoard, PartProfile, ProfileOf } from './schema.ts';

type Reason = readonly [path: string, reason: string];

interface Addresses {
  readonly chip: string;
  /** First and last of each span that its address pins, or its maker, choose from. */
  readonly spans: readonly (readonly [number, number])[];
}

const ADDRESSES: Readonly<Partial<Record<PartProfile['kind'], Addresses>>> = {
  'keypad-mcp23017': { chip: 'an MCP23017', spans: [[0x20, 0x27]] },
  // PCF8574 and PCF8574A.
  'display-hd44780': {
    chip: 'a PCF8574',
    spans: [
      [0x20, 0x27],
      [0x38, 0x3f],
    ],
  },
  'display-ssd1306': { chip: 'such a display', spans: [[0x3c, 0x3d]] },
};

/** Cells of an HD44780's memory. */
const CELLS = 80;
/** Rows of pixels that the display's memory has in one octet. */
const PAGE = 8;

/** None: each chip can do what is asked of it. */
export function chipLimits({ parts }: LinuxBoard): readonly Problem[] {
  return parts.flatMap((part, index) =>
    [...beyondAddresses(part), ...beyondChip(part)].map(([path, reason]) => ({
      path: `/parts/${index}/${path}`,
      reason,
    })),
  );
}

function beyondChip(part: PartProfile): readonly Reason[] {
  switch (part.kind) {
    case 'display-hd44780':
      return beyondCharacters(part);
    case 'display-ssd1306':
      return beyondPixels(part);
    case 'keypad-mcp23017':
      return deafPins(part);
    default:
      return [];
  }
}

function beyondAddresses(part: PartProfile): readonly Reason[] {
  const known = ADDRESSES[part.kind];
  if (known === undefined || !('address' in part)) return [];
  const { chip, spans } = known;
  if (spans.some(([first, last]) => part.address >= first && part.address <= last)) return [];
  const choice = spans.map(([first, last]) => `${hexadecimal(first)} to ${hexadecimal(last)}`).join(' or ');
  return [['address', `${chip} has one of ${choice}, not ${hexadecimal(part.address)}`]];
}

function beyondCharacters({ columns, lines }: ProfileOf<'display-hd44780'>): readonly Reason[] {
  const cells = columns * lines;
  if (cells > CELLS)
    return [['columns', `${columns} x ${lines} are ${cells} characters; an HD44780 has memory for ${CELLS}`]];
  if (lines === 1 && columns % 2 !== 0)
    return [['columns', `${columns} is odd; a single line is wired as two halves of equal length`]];
  return [];
}

function beyondPixels({ controller, width, height }: ProfileOf<'display-ssd1306'>): readonly Reason[] {
  const { columns } = CONTROLLERS[controller];
  const name = controller.toUpperCase();
  return [
    ...(width > columns ? [['width', `the ${name} has ${columns} columns, not ${width}`] as const] : []),
    ...(height > OLED_ROWS ? [['height', `the ${name} has ${OLED_ROWS} rows, not ${height}`] as const] : []),
    ...(height % PAGE === 0
      ? []
      : [['height', `rows come in pages of ${PAGE}; ${height} are none`] as const]),
  ];
}

/** Inputs there disturb SDA while they change (DS20001952, note of revision D to table 1-1). */
function deafPins({ rows, columns, single }: ProfileOf<'keypad-mcp23017'>): readonly Reason[] {
  const pins: readonly (readonly [path: string, pin: string])[] = [
    ...rows.map((pin, n) => [`rows/${n}`, pin] as const),
    ...columns.map((pin, n) => [`columns/${n}`, pin] as const),
    ...single.map(({ pin }, n) => [`single/${n}/pin`, pin] as const),
  ];
  return pins
    .filter(([, pin]) => pin.endsWith('7'))
    .map(([path, pin]) => [path, `pin ${pin} of an MCP23017 can be an output only: a lamp may be there`]);
}

export const hexadecimal = (address: number): string => `0x${address.toString(16).padStart(2, '0')}`;

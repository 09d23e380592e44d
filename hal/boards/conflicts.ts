/**
 * What cannot be built as a profile says: two parts on one line, two handsets, a line that something else has, more of
 * a chip than it can do, or a key twice. The rules of lines are those of the Raspberry Pi's 40-pin header; on another chip only the profile's own claims count.
 */
import { chipLimits, hexadecimal } from './chip_limits.ts';
import { addressClaims, type Claim, lineClaims, pwmClaims } from './claims.ts';
import { namesTwice } from './names_twice.ts';
import type { LinuxBoard } from './schema.ts';

export interface Problem {
  /** Within the profile: `/parts/1/rows/0`; empty: the profile as a whole. */
  readonly path: string;
  readonly reason: string;
}

/** Labels of the chip behind the header: models up to 3, model 4, model 5. */
export const RASPBERRY_PI = ['pinctrl-bcm2835', 'pinctrl-bcm2711', 'pinctrl-rp1'];

const HEADER_LINES = 28;
/** An EEPROM of an add-on board is read there at start. */
const ID_EEPROM = [0, 1];
const I2C = [2, 3];
const I2S = [18, 19, 20, 21];
/** The kernel's console, unless it is switched off. */
const CONSOLE = [14, 15];
/** Lines on which a PWM channel can come out, by channel: models up to 4, and model 5. */
const PWM_LINES: readonly (readonly number[])[] = [
  [12, 18],
  [13, 19],
];
const RP1_PWM = '1f00098000.pwm';
const RP1_PWM_LINES: readonly (readonly number[])[] = [[12], [13], [18], [19]];

/** None: it can be built. */
export function conflicts(board: LinuxBoard): readonly Problem[] {
  const onHeader = board.gpio.chip.some((label) => RASPBERRY_PI.includes(label));
  return [
    ...twice(lineClaims(board), (line) => `line ${line}`),
    ...twice(addressClaims(board), (address) => `I2C address ${hexadecimal(address)}`),
    ...twice(
      pwmClaims(board).map((claim) => ({ ...claim, what: claim.what.channel })),
      (channel) => `PWM channel ${channel}`,
    ),
    ...(onHeader ? [...reservedLines(board), ...pwmLines(board)] : []),
    ...missingBus(board),
    ...handsets(board),
    ...matrices(board),
    ...chipLimits(board),
    ...namesTwice(board),
  ];
}

function twice(claims: readonly Claim<number>[], name: (what: number) => string): readonly Problem[] {
  const first = new Map<number, Claim<number>>();
  return claims.flatMap((claim) => {
    const other = first.get(claim.what);
    if (other === undefined) first.set(claim.what, claim);
    return other === undefined
      ? []
      : [{ path: claim.path, reason: `${name(claim.what)} is taken by ${other.use} (${other.path})` }];
  });
}

function reservedLines(board: LinuxBoard): readonly Problem[] {
  const usesI2c = addressClaims(board).length > 0;
  const reserved: readonly (readonly [boolean, readonly number[], string])[] = [
    [true, ID_EEPROM, 'belongs to the EEPROM of add-on boards'],
    [usesI2c, I2C, 'belongs to the I2C bus of this board'],
    [board.sound?.by === 'i2s', I2S, 'belongs to the sound card on I2S'],
    [true, CONSOLE, 'belongs to the serial console'],
  ];
  return lineClaims(board).flatMap(({ path, what }) => {
    if (what >= HEADER_LINES)
      return [{ path, reason: `line ${what} is not on the header, which has 0 to 27` }];
    return reserved.flatMap(([applies, lines, reason]) =>
      applies && lines.includes(what) ? [{ path, reason: `line ${what} ${reason}` }] : [],
    );
  });
}

function pwmLines(board: LinuxBoard): readonly Problem[] {
  return pwmClaims(board).flatMap(({ path, what: { chip, channel, line } }) => {
    const models = new Set(chip.map((name) => (name === RP1_PWM ? RP1_PWM_LINES : PWM_LINES)));
    return [...models].flatMap((model) => {
      const lines = model[channel] ?? [];
      if (lines.includes(line)) return [];
      const where = `${lines.join(', ') || 'no line'}${model === RP1_PWM_LINES ? ' of a Raspberry Pi 5' : ''}`;
      return [{ path, reason: `PWM channel ${channel} comes out at ${where}, not at ${line}` }];
    });
  });
}

function missingBus(board: LinuxBoard): readonly Problem[] {
  const device = addressClaims(board).find(({ path }) => path.startsWith('/parts'));
  if (device === undefined || board.i2c !== undefined) return [];
  return [{ path: '/i2c', reason: `is missing, and ${device.use} (${device.path}) hangs on it` }];
}

/** A telephone is lifted or it is not: two switches would contradict each other. */
function handsets({ parts }: LinuxBoard): readonly Problem[] {
  const hooks = parts.flatMap(({ kind }, index) =>
    kind === 'hook' || kind === 'line-interface' ? [{ kind, path: `/parts/${index}` }] : [],
  );
  const [first, ...others] = hooks;
  return others.map(({ path }) => ({
    path,
    reason: `a telephone has one handset, which is that of ${first?.kind} (${first?.path})`,
  }));
}

/** A key for each crossing, neither more nor fewer; on an expander no pin twice. */
function matrices({ parts }: LinuxBoard): readonly Problem[] {
  return parts.flatMap((part, index) => {
    if (part.kind !== 'keypad' && part.kind !== 'keypad-mcp23017') return [];
    const path = `/parts/${index}`;
    const rows = part.keys.length === part.rows.length;
    const columns = part.keys.every(({ length }) => length === part.columns.length);
    const shape: Problem[] =
      rows && columns
        ? []
        : [{ path: `${path}/keys`, reason: `wants ${part.rows.length} rows of ${part.columns.length} keys` }];
    return part.kind === 'keypad' ? shape : [...shape, ...pinsTwice(part, path)];
  });
}

function pinsTwice(
  { rows, columns, single, lamps }: Extract<LinuxBoard['parts'][number], { kind: 'keypad-mcp23017' }>,
  path: string,
): readonly Problem[] {
  const claims: readonly (readonly [path: string, pin: string])[] = [
    ...rows.map((pin, n) => [`rows/${n}`, pin] as const),
    ...columns.map((pin, n) => [`columns/${n}`, pin] as const),
    ...single.map(({ pin }, n) => [`single/${n}/pin`, pin] as const),
    ...lamps.map(({ pin }, n) => [`lamps/${n}/pin`, pin] as const),
  ];
  return claims.flatMap(([where, pin], index) =>
    claims.findIndex(([, other]) => other === pin) === index
      ? []
      : [{ path: `${path}/${where}`, reason: `pin ${pin} is taken twice` }],
  );
}

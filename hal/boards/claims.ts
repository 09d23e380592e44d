/** Which lines, PWM channels and I2C addresses the parts of a board take. */
import type { LinuxBoard, PartProfile, ProfileOf } from './schema.ts';

export interface Claim<T> {
  /** Within the profile: `/parts/1/rows/0`. */
  readonly path: string;
  /** As a drawing calls it: `keypad row 1`. */
  readonly use: string;
  readonly what: T;
}

/** Lines of the GPIO chip. */
export function lineClaims({ parts }: LinuxBoard): readonly Claim<number>[] {
  return parts.flatMap((part, index) =>
    linesOf(part).map(([path, use, what]) => ({ path: `/parts/${index}/${path}`, use, what })),
  );
}

type Line = readonly [path: string, use: string, line: number];

type LinesOf<Part> = (part: Part) => readonly (Line | false)[];

const LINES: { readonly [Kind in PartProfile['kind']]: LinesOf<ProfileOf<Kind>> } = {
  hook: ({ line }) => [['line', 'hook', line]],
  keypad: ({ rows, columns }) => [
    ...rows.map((line, n): Line => [`rows/${n}`, `keypad row ${n + 1}`, line]),
    ...columns.map((line, n): Line => [`columns/${n}`, `keypad column ${n + 1}`, line]),
  ],
  'keypad-mcp23017': ({ interrupt }) => [
    interrupt !== undefined && ['interrupt', 'MCP23017 INTA', interrupt],
  ],
  keys: ({ keys }) => keys.map(({ line, key }, n): Line => [`keys/${n}/line`, `key ${key}`, line]),
  encoder: ({ a, b }) => [
    ['a/line', 'encoder A', a.line],
    ['b/line', 'encoder B', b.line],
  ],
  dial: ({ pulse, offNormal }) => [
    ['pulse/line', 'dial pulse', pulse.line],
    offNormal !== undefined && ['offNormal/line', 'dial off-normal', offNormal.line],
  ],
  headset: ({ line }) => [['line', 'headset detect', line]],
  lamps: ({ lamps }) => lamps.map(({ line, name }, n): Line => [`lamps/${n}/line`, `lamp ${name}`, line]),
  'display-hd44780': () => [],
  'display-ssd1306': () => [],
  bell: (bell) => {
    if (bell.driver === 'coil')
      return [
        ['a', 'bell A', bell.a],
        ['b', 'bell B', bell.b],
      ];
    if (bell.driver === 'buzzer') return [['line', 'buzzer', bell.line]];
    return [bell.driver === 'relay' && ['line', 'bell relay', bell.line]];
  },
  amplifier: ({ line }) => [['line', 'amplifier enable', line]],
  'line-interface': ({ shk, rm, fr, pd }) => [
    ['shk/line', 'SHK', shk.line],
    ['rm', 'RM', rm],
    ['fr', 'F/R', fr],
    pd !== undefined && ['pd', 'PD', pd],
  ],
};

function linesOf(part: PartProfile): readonly Line[] {
  // The table's row is that of the part's own kind.
  const lines = LINES[part.kind] as LinesOf<PartProfile>;
  return lines(part).filter((line) => line !== false);
}

export interface PwmClaim {
  /** Device names of the chip: the first one found. */
  readonly chip: readonly string[];
  readonly channel: number;
  readonly line: number;
}

/** Channels of the chip's PWM, with the line on which each is wanted. */
export function pwmClaims({ parts }: LinuxBoard): readonly Claim<PwmClaim>[] {
  return parts.flatMap((part, index): Claim<PwmClaim>[] => {
    const [use, line, pwm] =
      part.kind === 'line-interface'
        ? ['F/R', part.fr, part.pwm]
        : part.kind === 'bell' && part.driver === 'buzzer'
          ? ['buzzer', part.line, part.pwm]
          : [];
    if (pwm === undefined || line === undefined || use === undefined) return [];
    return [{ path: `/parts/${index}/pwm/channel`, use, what: { ...pwm, line } }];
  });
}

/** Addresses on the board's I2C bus. */
export function addressClaims({ parts, sound }: LinuxBoard): readonly Claim<number>[] {
  const devices = parts.flatMap((part, index) =>
    'address' in part
      ? [{ path: `/parts/${index}/address`, use: part.kind.replace(/^.*-/, ''), what: part.address }]
      : [],
  );
  const codec = sound?.address;
  return codec === undefined ? devices : [...devices, { path: '/sound/address', use: 'codec', what: codec }];
}

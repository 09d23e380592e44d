/** Every wire of a board to the header, as its drawing and its page tell it. */
import { addressClaims, lineClaims } from '#hal/boards/claims.ts';
import type { LinuxBoard, PartProfile } from '#hal/boards/schema.ts';

/** What hangs on a line, as a circuit diagram draws it. */
export type Symbol = 'switch' | 'lamp' | 'output' | 'input' | 'matrix' | 'bus';

export interface Wire {
  readonly line: number;
  readonly use: string;
  /** What the other end is. */
  readonly to: string;
  readonly symbol: Symbol;
  /** Wires of one part have one colour. */
  readonly part: number;
}

const I2S_WIRES = [
  [18, 'bit clock'],
  [19, 'word clock'],
  [20, 'data from the codec'],
  [21, 'data to the codec'],
] as const;

export function wiresOf(board: LinuxBoard): readonly Wire[] {
  const own = lineClaims(board).map(({ what, use, path }): Wire => {
    const part = Number(path.split('/')[2]);
    const profile = board.parts[part];
    if (profile === undefined) throw new Error(`${path} is no part`);
    return { line: what, use, part, ...endOf(profile, use) };
  });
  return [...own, ...busWires(board)];
}

function busWires(board: LinuxBoard): readonly Wire[] {
  const part = board.parts.length;
  const wires: Wire[] = [];
  const devices = addressClaims(board).map(
    ({ use, what }) => `${DEVICES[use] ?? use} (0x${what.toString(16)})`,
  );
  if (devices.length > 0) {
    const to = devices.join(', ');
    wires.push(
      { line: 2, use: 'SDA', to, symbol: 'bus', part },
      { line: 3, use: 'SCL', to, symbol: 'bus', part },
    );
  }
  if (board.sound?.by === 'i2s') {
    for (const [line, to] of I2S_WIRES) wires.push({ line, use: 'I2S', to, symbol: 'bus', part: part + 1 });
  }
  return wires;
}

const DEVICES: Readonly<Record<string, string>> = {
  hd44780: 'PCF8574 with HD44780',
  ssd1306: 'SSD1306',
  mcp23017: 'MCP23017',
  codec: 'codec',
};

function endOf(part: PartProfile, use: string): Pick<Wire, 'to' | 'symbol'> {
  const contact = (name: string, active: 'low' | 'high') =>
    ({ to: `${name} to ${active === 'low' ? 'ground' : '3.3 V'}`, symbol: 'switch' }) as const;
  switch (part.kind) {
    case 'hook':
      return contact(`contact, ${part.offHook} while lifted,`, part.active);
    case 'keys':
      return contact('push button', 'low');
    case 'headset':
      return contact(`contact of the socket, ${part.plugged} while plugged,`, part.active);
    case 'encoder':
      return contact('contact', 'low');
    case 'dial':
      return dialEnd(part, use);
    case 'keypad':
      return { to: use.replace('keypad ', '').concat(' of the matrix'), symbol: 'matrix' };
    case 'keypad-mcp23017':
      return { to: 'INTA of the MCP23017', symbol: 'input' };
    case 'lamps':
      return { to: '330 Ω, LED, ground', symbol: 'lamp' };
    case 'amplifier':
      return { to: 'enable input of the amplifier', symbol: 'output' };
    case 'line-interface':
      return { to: `${use} of the ${part.module}`, symbol: use === 'SHK' ? 'input' : 'output' };
    case 'bell':
      return { to: BELLS[part.driver], symbol: 'output' };
    default:
      throw new Error(`${part.kind} has no line`);
  }
}

const BELLS = {
  buzzer: 'transistor of the buzzer',
  coil: 'input of its D4184 switch',
  relay: 'input of the relay board',
  sound: '',
  speaker: '',
} as const;

function dialEnd(dial: Extract<PartProfile, { kind: 'dial' }>, use: string): Pick<Wire, 'to' | 'symbol'> {
  const contact = use === 'dial pulse' ? dial.pulse : (dial.offNormal ?? dial.pulse);
  const end = contact.active === 'low' ? 'ground' : '3.3 V';
  return { to: `${contact.contact.replace('-', ' ')} contact to ${end}`, symbol: 'switch' };
}

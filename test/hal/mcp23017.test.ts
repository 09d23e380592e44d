import test from 'ava';
import { ExpanderRegisters, REGISTERS } from '#hal/parts/mcp23017.ts';
import type { Transfer } from '#hal/parts/transfer.ts';
import { Mcp23017Model } from '../support/models/mcp23017_matrix.ts';

const WIRING = {
  rows: ['A0', 'A1', 'A2', 'A3'],
  columns: ['B0', 'B1', 'B2'],
  single: ['A6'],
  outputs: ['B7'],
};
const NONE: ReadonlySet<string> = new Set();
const hex = ({ register, octets }: Transfer) => Buffer.from([register, ...octets]).toString('hex');

function sayTo(model: Mcp23017Model, { register, octets }: Transfer): void {
  model.start(false);
  for (const octet of [register, ...octets]) model.write(octet);
  model.stop();
}

function readFrom(model: Mcp23017Model, register: number, length: number): Uint8Array {
  model.start(false);
  model.write(register);
  model.start(true);
  return Uint8Array.from({ length }, () => model.read());
}

test('The registers are written as the data sheet numbers them, with the interrupt off until the end', (t) => {
  const registers = new ExpanderRegisters(WIRING);
  t.deepEqual(registers.configuration(NONE, true).map(hex), [
    '0500', // IOCON, where it is while BANK is set
    '0a4444', // MIRROR, ODR
    '040000', // GPINTEN
    '140000', // OLAT
    '020000', // IPOL
    '064007', // DEFVAL
    '084007', // INTCON
    '0cff7f', // GPPU
    '00f07f', // IODIR: rows and the lamp are outputs
    '044007', // GPINTEN
  ]);
  t.deepEqual(hex(registers.drive(2)), '00fb7f');
  t.deepEqual(hex(registers.latches(new Set(['B7', 'A0']))), '140080', 'a row is never driven high');
});

test('Whatever state the chip was left in, it is the same afterwards, also with its registers in banks', (t) => {
  const registers = new ExpanderRegisters(WIRING);
  for (const iocon of [0x00, 0x80, 0xa0, 0xff]) {
    const model = new Mcp23017Model();
    for (let register = 0; register < REGISTERS; register++)
      if (register < 0x0e || register > 0x13) model.poke(register, (register * 91) & 0xff);
    model.poke(0x0a, iocon);
    model.poke(0x0b, iocon);
    for (const transfer of registers.configuration(NONE, true)) sayTo(model, transfer);
    t.true(registers.asConfigured(readFrom(model, 0, REGISTERS), NONE, true), iocon.toString(16));
  }
});

test('A chip that has been without power, or lost one bit, is not as configured', (t) => {
  const registers = new ExpanderRegisters(WIRING);
  const model = new Mcp23017Model();
  t.false(registers.asConfigured(readFrom(model, 0, REGISTERS), NONE, true));
  for (const transfer of registers.configuration(NONE, true)) sayTo(model, transfer);
  for (const register of [0x00, 0x02, 0x04, 0x06, 0x08, 0x0c, 0x14]) {
    const was = model.peek(register);
    model.poke(register, was ^ 0x01);
    t.false(registers.asConfigured(readFrom(model, 0, REGISTERS), NONE, true), register.toString(16));
    model.poke(register, was);
  }
  t.true(registers.asConfigured(readFrom(model, 0, REGISTERS), NONE, true));
});

test('Pins that are low are closed keys', (t) => {
  const registers = new ExpanderRegisters(WIRING);
  t.is(registers.columns(0xffff), 0);
  t.is(registers.columns(0xffff & ~0x0500), 0b101);
  t.is(registers.singleKeys(0xffff & ~0x0040), 1);
});

test('Wirings that cannot work are refused', (t) => {
  const refused = (part: Partial<typeof WIRING>) => () => new ExpanderRegisters({ ...WIRING, ...part });
  t.throws(refused({ columns: ['A0'] }), { message: /A0 has two things to do/ });
  t.throws(refused({ columns: ['A7'] }), { message: /A7 .* output only/ });
  t.throws(refused({ outputs: ['C1'] }), { message: /no pin C1/ });
});

test('The model interrupts, captures and takes back as its data sheet says', (t) => {
  const model = new Mcp23017Model();
  const levels: boolean[] = [];
  model.onInterrupt = (high) => levels.push(high);
  for (const transfer of new ExpanderRegisters(WIRING).configuration(NONE, true)) sayTo(model, transfer);
  t.deepEqual(levels, []);
  model.press('A1', 'B2');
  t.deepEqual(levels, [false]);
  t.deepEqual([...readFrom(model, 0x0e, 2)], [0x00, 0x04], 'INTF: column 2');
  model.release('A1', 'B2');
  t.true(model.interrupting, 'until somebody reads');
  t.deepEqual([...readFrom(model, 0x10, 2)], [0x00, 0x7b], 'INTCAP: as it was');
  t.deepEqual(levels, [false, true]);
  model.press('A6', 'GND');
  t.is(readFrom(model, 0x12, 1)[0], 0xb0, 'rows pull, and the key');
  t.true(model.interrupting, 'a key that is still down interrupts again');
});

test('In the model three keys close a fourth, unless there are diodes', (t) => {
  for (const diodes of [false, true]) {
    const model = new Mcp23017Model({ diodes });
    const registers = new ExpanderRegisters(WIRING);
    for (const transfer of registers.configuration(NONE, false)) sayTo(model, transfer);
    for (const [row, column] of [
      ['A0', 'B0'],
      ['A0', 'B1'],
      ['A1', 'B0'],
    ] as const)
      model.press(row, column);
    sayTo(model, registers.drive(1));
    const [a = 0, b = 0] = readFrom(model, 0x12, 2);
    t.is(registers.columns(a | (b << 8)), diodes ? 0b01 : 0b11);
    t.deepEqual(model.violations, []);
  }
});

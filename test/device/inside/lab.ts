/** The laboratory's own devices, driven octet by octet as their data sheets say, and PWM by the chip. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { HalError } from '#hal/linux/error.ts';
import { openI2cBus } from '#hal/linux/i2c/i2c_bus.ts';
import type { I2cBus } from '#hal/linux/i2c/types.ts';
import { Keeper } from '#hal/linux/keeper.ts';
import { putToRest } from '#hal/linux/outputs_at_rest.ts';
import { openPwm } from '#hal/linux/pwm.ts';
import type { Checks } from './check.ts';
import { SETTLED, SimulatedChip } from './gpio_sim.ts';
import * as lab from './laboratory.ts';

const { hd44780: LCD, ssd1306: OLED, mcp23017: MCP } = lab.ADDRESS;
const code = (expected: string) => (error: unknown) => error instanceof HalError && error.code === expected;

async function withBus(act: (bus: I2cBus) => Promise<void>): Promise<undefined> {
  const bus = await openI2cBus(lab.ADAPTER);
  try {
    await act(bus);
  } finally {
    await bus.close();
  }
  return undefined;
}

/** One octet on the display's bus of four bits: each half with E high, then low. Light on. */
function halves(octet: number, select: 0 | 1): readonly number[] {
  return [octet & 0xf0, (octet << 4) & 0xf0].flatMap((half) => {
    const port = half | 0x08 | select;
    return [port | 0x04, port];
  });
}

async function send(bus: I2cBus, ports: readonly number[]): Promise<void> {
  for (let at = 0; at < ports.length; at += 32) {
    const [first = 0, ...rest] = ports.slice(at, at + 32);
    if (rest.length === 0) await bus.sendByte(LCD, first);
    else await bus.writeBlock(LCD, first, Uint8Array.from(rest));
  }
}

/** HD44780 data sheet, figure 24: whatever it was in, afterwards its bus has four bits. */
async function wakeLcd(bus: I2cBus): Promise<void> {
  for (const half of [0x30, 0x30, 0x30, 0x20]) {
    await send(bus, [half | 0x0c, half | 0x08]);
    await sleep(5);
  }
  for (const instruction of [0x28, 0x0c, 0x06, 0x01]) await send(bus, halves(instruction, 0));
  await sleep(3);
}

async function write(bus: I2cBus, address: number, text: string): Promise<void> {
  await send(bus, halves(0x80 | address, 0));
  for (const octet of Buffer.from(text, 'latin1')) await send(bus, halves(octet, 1));
}

/** Registers of the expander. */
const REGISTER = { direction: 0, interrupts: 4, pullUps: 0x0c, ports: 0x12 } as const;

/** Columns a4 to a7 read with pull-ups and interrupts; rows a0 to a3 are driven low. */
async function wakeExpander(bus: I2cBus): Promise<void> {
  await bus.writeByte(MCP, REGISTER.pullUps, 0xf0);
  await bus.writeByte(MCP, REGISTER.direction, 0xf0);
  await bus.writeByte(MCP, REGISTER.interrupts, 0xf0);
  await bus.readByte(MCP, REGISTER.ports);
}

export const checks: Checks = {
  'a display of characters shows what it was told': () =>
    withBus(async (bus) => {
      assert.deepEqual(lab.characters(), Array(4).fill(' '.repeat(20)));
      await wakeLcd(bus);
      await write(bus, 0x00, 'Ringing');
      await write(bus, 0x54, 'last row \x01');
      await send(bus, halves(0x40 | 8, 0));
      for (const row of [0, 10, 31, 31, 14, 4, 0, 0]) await send(bus, halves(row, 1));
      assert.deepEqual(lab.characters(), [
        'Ringing'.padEnd(20),
        ' '.repeat(20),
        ' '.repeat(20),
        'last row \\x01'.padEnd(23),
      ]);
      assert.deepEqual(lab.glyphs()[1], [0, 10, 31, 31, 14, 4, 0, 0]);
      assert.equal(lab.stateOf('hd44780').light, '1');
      assert.equal(lab.stateOf('hd44780').too_early, '0');
    }),

  'a display of characters loses what comes while it clears': () =>
    withBus(async (bus) => {
      await wakeLcd(bus);
      await send(bus, [...halves(0x01, 0), ...halves(0x41, 1)]);
      assert.deepEqual(lab.characters()[0], ' '.repeat(20));
      assert.equal(lab.stateOf('hd44780').too_early, '1');
    }),

  'a display of pixels shows what it was told, once its pump runs': () =>
    withBus(async (bus) => {
      const commands = [0xae, 0x20, 0x00, 0xa1, 0xc8, 0x21, 0, 127, 0x22, 0, 7];
      await bus.writeBlock(OLED, 0x00, Uint8Array.from(commands));
      for (let page = 0; page < 8 * 4; page += 1) {
        const octets = new Uint8Array(32);
        if (page === 4) octets[0] = 0b0000_0101;
        await bus.writeBlock(OLED, 0x40, octets);
      }
      await bus.writeBlock(OLED, 0x00, Uint8Array.of(0xaf));
      assert.ok(lab.pixels().every((row) => row === '.'.repeat(128)));
      await bus.writeBlock(OLED, 0x00, Uint8Array.of(0x8d, 0x14));
      const shining = lab
        .pixels()
        .flatMap((row, y) => [...row].flatMap((dot, x) => (dot === '#' ? [[x, y]] : [])));
      assert.deepEqual(shining, [
        [0, 8],
        [0, 10],
      ]);
      assert.equal(lab.stateOf('ssd1306').unknown, '0');
    }),

  'a pressed key joins its row and column, and three make the ghost of a fourth': () =>
    withBus(async (bus) => {
      await wakeExpander(bus);
      assert.equal(await bus.readByte(MCP, REGISTER.ports), 0xf0);
      lab.press('a0', 'a5');
      assert.equal(await bus.readByte(MCP, REGISTER.ports), 0xd0);
      // Row 1 alone is driven: its column 5 is free of row 0.
      await bus.writeByte(MCP, REGISTER.direction, 0xfd);
      assert.equal((await bus.readByte(MCP, REGISTER.ports)) & 0xf0, 0xf0);
      lab.press('a0', 'a6');
      lab.press('a1', 'a5');
      assert.equal((await bus.readByte(MCP, REGISTER.ports)) & 0xf0, 0x90, 'a1 to a6 by three keys');
      for (const [row, column] of [
        ['a0', 'a5'],
        ['a0', 'a6'],
        ['a1', 'a5'],
      ] as const)
        lab.release(row, column);
      assert.equal((await bus.readByte(MCP, REGISTER.ports)) & 0xf0, 0xf0);
      assert.equal(lab.stateOf('mcp23017').shorts, '0');
    }),

  "the expander's interrupt line falls with a key and rises when the port is read": () =>
    withBus(async (bus) => {
      const chip = new SimulatedChip('phone', 32);
      lab.wireInterrupt('a', chip.pullFile(17));
      await wakeExpander(bus);
      await sleep(SETTLED);
      assert.equal(chip.level(17), 1);
      lab.press('a0', 'a4');
      await sleep(SETTLED);
      assert.equal(chip.level(17), 0);
      assert.equal(await bus.readByte(MCP, 0x0e), 0x10, 'the flag of column 4');
      assert.equal(await bus.readByte(MCP, 0x10), 0xe0, 'what was captured');
      await sleep(SETTLED);
      assert.equal(chip.level(17), 1);
      lab.release('a0', 'a4');
      await bus.readByte(MCP, REGISTER.ports);
    }),

  'a device that was unplugged does not answer, and has forgotten all when it is back': () =>
    withBus(async (bus) => {
      await wakeExpander(bus);
      lab.unplug('mcp23017');
      await assert.rejects(bus.readByte(MCP, 0), code('NAK'));
      lab.plug('mcp23017');
      assert.equal(await bus.readByte(MCP, 0), 0xff);
      await assert.rejects(bus.readByte(0x55, 0), code('NAK'));
    }),

  'a bus that hangs or is busy is told from a device that is gone': () =>
    withBus(async (bus) => {
      for (const state of ['hang', 'busy'] as const) {
        lab.setBus(state);
        await assert.rejects(bus.readByte(MCP, 0), code('BUSY'));
        lab.setBus('free');
        await bus.readByte(MCP, 0);
      }
    }),

  'a PWM channel swings until its limit, and is given back at rest': async () => {
    const keeper = new Keeper();
    const pwm = await openPwm({ by: 'sysfs', chip: [lab.PWM_CHIP], channel: 1 }, keeper, assert.fail);
    const folder = '/sys/class/pwm/pwmchip0/pwm1';
    const settings = () =>
      ['enable', 'period', 'duty_cycle'].map((name) => Number(readFileSync(`${folder}/${name}`, 'utf8')));
    assert.deepEqual(settings().at(0), 0);
    pwm.start({ frequency: 25, duty: 0.5 }, 5000);
    assert.deepEqual(settings(), [1, 40_000_000, 20_000_000]);
    pwm.start({ frequency: 2000, duty: 0.25 }, 150);
    assert.deepEqual(settings(), [1, 500_000, 125_000]);
    await sleep(300);
    assert.deepEqual(settings(), [0, 500_000, 0]);
    pwm.start({ frequency: 25, duty: 0.5 }, 5000);
    await pwm.close();
    await pwm.close();
    assert.equal(existsSync(folder), false);
    await assert.rejects(
      openPwm({ by: 'sysfs', chip: [lab.PWM_CHIP], channel: 2 }, keeper, assert.fail),
      code('ABSENT'),
    );
    await assert.rejects(
      openPwm({ by: 'sysfs', chip: ['fe20c000.pwm'], channel: 0 }, keeper, assert.fail),
      code('ABSENT'),
    );
    await keeper.close();
    return undefined;
  },

  'a PWM channel that somebody left swinging is put to rest': async () => {
    const pwm = await openPwm({ by: 'sysfs', chip: [lab.PWM_CHIP], channel: 0 }, new Keeper(), assert.fail);
    pwm.start({ frequency: 25, duty: 0.5 }, 60_000);
    const output = { kind: 'pwm', name: 'ring', chip: [lab.PWM_CHIP], channel: 0 } as const;
    assert.deepEqual(await putToRest([output]), [{ name: 'ring', ok: true, note: 'stopped' }]);
    assert.equal(existsSync('/sys/class/pwm/pwmchip0/pwm0'), false);
    assert.doesNotMatch(readFileSync('/sys/kernel/debug/pwm', 'utf8'), /enabled/);
    assert.deepEqual(await putToRest([output]), [{ name: 'ring', ok: true, note: 'was not in use' }]);
    return undefined;
  },
};

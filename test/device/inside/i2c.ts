/** The I2C bus on the kernel's i2c-stub, which keeps the registers of 0x27. */
import assert from 'node:assert/strict';
import { HalError } from '#hal/linux/error.ts';
import { openI2cBus } from '#hal/linux/i2c/i2c_bus.ts';
import type { Checks } from './check.ts';

const ADAPTER = 'SMBus stub driver';
const code = (expected: string) => (error: unknown) => error instanceof HalError && error.code === expected;

export const checks: Checks = {
  'octets are written and read by register': async () => {
    const bus = await openI2cBus(ADAPTER);
    await bus.writeByte(0x27, 0x12, 0xa5);
    assert.equal(await bus.readByte(0x27, 0x12), 0xa5);
    await bus.close();
    return undefined;
  },
  'a block of 32 octets is written and read': async () => {
    const bus = await openI2cBus(ADAPTER);
    const block = Uint8Array.from({ length: 32 }, (_, n) => 255 - n);
    await bus.writeBlock(0x27, 0x40, block);
    assert.deepEqual(Uint8Array.from(await bus.readBlock(0x27, 0x40, 32)), block);
    await assert.rejects(bus.writeBlock(0x27, 0x40, new Uint8Array(33)), code('IO'));
    await bus.close();
    return undefined;
  },
  'an octet is sent and received without a register': async () => {
    const bus = await openI2cBus(ADAPTER);
    await bus.writeByte(0x27, 0x33, 0x77);
    await bus.sendByte(0x27, 0x33);
    assert.equal(await bus.receiveByte(0x27), 0x77);
    await bus.close();
    return undefined;
  },
  'transfers keep their order, also those before the end': async () => {
    const bus = await openI2cBus(ADAPTER);
    const writes = Array.from({ length: 50 }, (_, n) => bus.writeByte(0x27, 0x01, n));
    const read = bus.readByte(0x27, 0x01);
    await bus.close();
    await Promise.all(writes);
    assert.equal(await read, 49);
    await assert.rejects(bus.readByte(0x27, 0x01), code('GONE'));
    return undefined;
  },
  'a device that does not answer is told from a bus that is not there': async () => {
    const bus = await openI2cBus(ADAPTER);
    await assert.rejects(bus.readByte(0x50, 0), (error) => {
      assert.ok(error instanceof HalError);
      assert.match(error.message, /0x50 on \/dev\/i2c-\d/);
      // i2c-stub answers with ENODEV where an adapter says ENXIO or EREMOTEIO.
      return error.code === 'GONE';
    });
    await bus.close();
    await assert.rejects(openI2cBus(9), code('ABSENT'));
    await assert.rejects(openI2cBus('bcm2835'), code('ABSENT'));
    return undefined;
  },
};

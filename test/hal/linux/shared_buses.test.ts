import test from 'ava';
import { HalError } from '#hal/linux/error.ts';
import { SharedBuses } from '#hal/linux/i2c/shared_buses.ts';
import type { I2cBus } from '#hal/linux/i2c/types.ts';

class Adapter {
  present = true;
  opened = 0;
  closed = 0;

  async open(): Promise<I2cBus> {
    this.opened += 1;
    const transfer = async (): Promise<never> => {
      throw new HalError(this.present ? 'NAK' : 'GONE', 'nobody');
    };
    return {
      readByte: transfer,
      writeByte: transfer,
      sendByte: transfer,
      receiveByte: transfer,
      writeBlock: transfer,
      readBlock: transfer,
      close: async () => {
        this.closed += 1;
      },
    };
  }
}

test('parts share a bus, and a part that does not answer changes nothing', async (t) => {
  const adapter = new Adapter();
  const buses = new SharedBuses(() => adapter.open());
  const [one, other] = await Promise.all([buses.open(1), buses.open(1)]);
  t.is(one, other);
  await t.throwsAsync(one.receiveByte(0x27), { message: 'nobody' });
  t.is(await buses.open(1), one);
  await buses.close();
  t.deepEqual([adapter.opened, adapter.closed], [1, 1]);
});

test('an adapter that comes and goes for months leaves no descriptor behind', async (t) => {
  const adapter = new Adapter();
  const buses = new SharedBuses(() => adapter.open());
  for (let n = 0; n < 100; n++) {
    const bus = await buses.open(1);
    adapter.present = false;
    await t.throwsAsync(bus.receiveByte(0x27), { code: 'GONE' });
    adapter.present = true;
  }
  t.deepEqual([adapter.opened, adapter.closed], [100, 100]);
});

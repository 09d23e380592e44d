/** The firmware with a matrix keypad on GPIO and a display of pixels. */
import test from 'ava';
import { until } from '../support/process.ts';
import { builtKernel } from './kernel.ts';
import { Telephone } from './telephone.ts';

const kernel = builtKernel();
const LIMIT = 60_000;

if (kernel === undefined) {
  test.skip("a matrix keypad and a display of pixels (needs the guest's kernel: npm run device-lab)", (t) =>
    t.fail());
} else {
  test('keys of a matrix are heard, and the display of pixels shows them', async (t) => {
    t.timeout(LIMIT + 10_000);
    const phone = await Telephone.start({ kernel, limit: LIMIT, board: 'desk-matrix-oled' });
    t.teardown(() => phone.puppet.guest.stop());
    await phone.showing(/Dualtone/);
    await phone.hook('off');
    await phone.showing(/Dial a number/);
    for (const digit of ['1', '5', '9']) await phone.press(digit);
    t.log(await phone.showing(/^159 /m));
    // Without an account there is nobody to call, which the log tells once the number is whole.
    const { guest } = phone.puppet;
    await until(
      '159 was dialled',
      () => /can call 159:/.test(guest.printed),
      15_000,
      () => guest.printed,
    );
    t.is(await phone.end(), 0);
  });
}

/** Stories of a desk telephone with expander and character display. */
import test, { type ExecutionContext } from 'ava';
import { builtKernel } from './kernel.ts';
import { Telephone } from './telephone.ts';

const LIMIT = 80_000;
const kernel = builtKernel();

function story(title: string, play: (t: ExecutionContext, phone: Telephone) => Promise<void>): void {
  if (kernel === undefined) {
    test.skip(`${title} (needs the guest's kernel: npm run device-lab)`, (t) => t.fail());
    return;
  }
  test.serial(title, async (t) => {
    t.timeout(LIMIT + 10_000);
    const phone = await Telephone.start({ kernel, limit: LIMIT, board: 'desk-mcp-lcd' });
    t.teardown(() => phone.puppet.guest.stop());
    await play(t, phone);
    t.is(await phone.end(), 0);
  });
}

story('the display shows the digits that are pressed once the hook is lifted', async (t, phone) => {
  t.log(await phone.showing(/Dualtone/));
  await phone.hook('off');
  await phone.showing(/Dial/);
  for (const digit of ['2', '7', '2']) await phone.press(digit);
  t.log(await phone.showing(/272/));
  await phone.hook('on');
  await phone.showing(/Dualtone/);
});

story('a keypad that is unplugged is told, and works again when it is back', async (t, phone) => {
  await phone.showing(/Dualtone/);
  await phone.puppet.does('unplug', 'mcp23017');
  t.log((await phone.partIs('keypad-mcp23017', 'failed')).note);
  await phone.puppet.does('plug', 'mcp23017');
  await phone.partIs('keypad-mcp23017', 'ok');
  await phone.hook('off');
  await phone.showing(/Dial/);
  await phone.press('1');
  await phone.showing(/^1 /m);
});

story('a display that lost its power shows all again when it is back', async (t, phone) => {
  await phone.showing(/Dualtone/);
  await phone.puppet.does('unplug', 'hd44780');
  await phone.hook('off');
  t.log((await phone.partIs('display-hd44780', 'failed')).note);
  await phone.puppet.does('plug', 'hd44780');
  await phone.showing(/Dial/);
  await phone.partIs('display-hd44780', 'ok');
});

story('a bus that hangs for a while is survived by all that hang on it', async (_, phone) => {
  await phone.showing(/Dualtone/);
  await phone.puppet.does('setBus', 'hang');
  await phone.hook('off');
  await phone.partIs('display-hd44780', 'failed');
  await phone.puppet.does('setBus', 'free');
  await phone.showing(/Dial/);
  await phone.partIs('keypad-mcp23017', 'ok');
  await phone.press('7');
  await phone.showing(/^7 /m);
});

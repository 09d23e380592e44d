/** The selftest of every board on a machine that is none: each part is listed, with what is missing and how to mend it. */
import test from 'ava';
import { BOARD_NAMES, loadBoard } from '#hal/boards/load.ts';
import { runMain } from './main_process.ts';

/** What a person can do about it, as the drivers say it. */
const HOW_TO_MEND = [
  /^GPIO cannot be used here: there is no \/dev\/gpiochip: this machine has no GPIO, or its kernel no CONFIG_GPIO_CDEV; --board sim needs none$/,
  /^GPIO cannot be used here: .*(npm install koffi|add the user to the group gpio)/,
  /^no GPIO chip is called .*; there are: /,
  /switch I2C on in the boot configuration/,
  /add the user to the group i2c/,
  /nobody acknowledges|nobody answers/,
  /no such card; is it plugged in\?$/,
  /npm install i2c-bus/,
];

for (const name of BOARD_NAMES.filter((each) => each !== 'sim')) {
  test(`${name}: without its hardware every part is named, says how to mend it, and the exit code is 1`, async (t) => {
    const board = await loadBoard(name);
    const began = performance.now();
    const { code, out, err } = await runMain('selftest', '--board', name);
    t.true(performance.now() - began < 30_000);
    t.is(code, 1);
    const machine = ['native packages', 'GPIO: ', 'I2C buses: ', 'PWM chips: ', 'sound cards: '];
    for (const words of machine) t.true(out.includes(`${words}`), words);
    const listed = [...out.matchAll(/^ {2}(ok|failed|absent) +(\S+(?: input| output)?) +(.*)$/gm)].filter(
      ([, , part]) => !/^(koffi|onoff|i2c-bus|speaker)$/.test(part ?? ''),
    );
    const profile = board.driver === 'linux' ? board : undefined;
    const sound = profile?.sound === undefined ? [] : ['sound input', 'sound output'];
    t.deepEqual(
      listed.map(([, , part]) => part),
      [...(profile?.parts.map(({ kind }) => kind as string) ?? []), ...sound],
    );
    const failed = listed.filter(([, state]) => state !== 'ok');
    for (const [, , part, note] of failed)
      t.true(
        HOW_TO_MEND.some((hint) => hint.test(note ?? '')),
        `${part}: ${note}`,
      );
    // A bell that is the sound card has no lines of its own.
    for (const [, , part, note] of listed.filter(([, state]) => state === 'ok'))
      t.deepEqual([part, note], ['bell', 'sound card']);
    t.is(err, `dualtone: failed: ${failed.map(([, , part]) => part).join(', ')}; why is said above\n`);
  });
}

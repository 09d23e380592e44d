/** `slot.txt`, which U-Boot reads of a slot as `NAME=VALUE` lines (`env import -t`): the kernel's words, and the version. */

/** Both serial ports: the full one of Pi 3 in QEMU and of all boards by config.txt, and that of QEMU's "virt". */
const WORDS = [
  'console=ttyAMA0,115200',
  'console=ttyS1,115200',
  'console=tty1',
  'quiet',
  'panic=10',
  // Nobody writes to the screen's console, and a started card says what matters on the serial line.
  'consoleblank=0',
  'vt.global_cursor_default=0',
  'rootwait',
];

/** Octets that U-Boot's shell would take for more than a word. */
const UNFIT = /[^\w.,:=/+~@%-]/;

/** Throws an Error for a version or word that would not stay one word. */
export function slotText(version: string, words: readonly string[] = WORDS): string {
  for (const word of [version, ...words])
    if (word === '' || UNFIT.test(word)) throw new Error(`not for slot.txt: ${JSON.stringify(word)}`);
  return `words=${words.join(' ')}\nversion=${version}\n`;
}

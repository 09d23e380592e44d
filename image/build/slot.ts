/** `slot.txt`, which U-Boot reads of a slot as `NAME=VALUE` lines (`env import -t`): the kernel's words, and the version. */

/** Octets that U-Boot's shell would take for more than a word. */
const UNFIT = /[^\w.,:=/+~@%-]/;

/** `words`: a line `words=…`. Throws an Error for a version or word that would not stay one word. */
export function slotText(words: string, version: string): string {
  const [name, ...said] = words.trim().split(/ +|(?<=^words)=/);
  if (name !== 'words' || said.length === 0)
    throw new Error(`slot.txt: a line "words=…" is wanted, not ${words}`);
  for (const word of [version, ...said])
    if (word === '' || UNFIT.test(word))
      throw new Error(`slot.txt: not one word for U-Boot: ${JSON.stringify(word)}`);
  return `words=${said.join(' ')}\nversion=${version}\n`;
}

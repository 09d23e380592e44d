/** A peer's octets must not steer the terminal: every control character but those of `keeps` is printed as its number. */
export function forTerminal(text: string, keeps = ''): string {
  return [...text.replaceAll('\r\n', '\n')]
    .map((character) => {
      const code = character.charCodeAt(0);
      const steers = code < 0x20 || (code >= 0x7f && code < 0xa0);
      return steers && !keeps.includes(character) ? `\\x${code.toString(16).padStart(2, '0')}` : character;
    })
    .join('');
}

/** Character ROM A00 of the HD44780U (data sheet ADE-207-272, table 4), as a person reads it; ␠ is a cell without dots, ẋ an x with a bar. */

const ROWS: Readonly<Record<number, string>> = {
  2: ' !"#$%&\'()*+,-./',
  3: '0123456789:;<=>?',
  4: '@ABCDEFGHIJKLMNO',
  5: 'PQRSTUVWXYZ[¥]^_',
  6: '`abcdefghijklmno',
  7: 'pqrstuvwxyz{|}→←',
  10: '␠｡｢｣､·ｦｧｨｩｪｫｬｭｮｯ',
  11: 'ｰｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿ',
  12: 'ﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏ',
  13: 'ﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞ°',
  14: 'αäßεµσρg√⁻jˣ¢£ñö',
  15: 'pqθ∞ΩüΣπẋy千万円÷␠█',
};

/** Undefined: one of the eight glyphs of one's own, or a code without a character. */
export function romCharacter(code: number): string | undefined {
  return ROWS[code >> 4]?.[code & 0x0f];
}

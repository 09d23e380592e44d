/**
 * Names of DNS as text. Labels are parted by dots; a dot or backslash inside a label stands behind a backslash
 * (RFC 6763 4.3), since instances of services are called what people like, `sip:204@phone.local` for one.
 */

/** RFC 1035 2.3.4, in octets; the whole counts the length of each label, and the root's. */
const LONGEST_LABEL = 63;
const LONGEST_NAME = 255;

/** The labels, the first one first; none for the root. */
export function labelsOf(name: string): readonly string[] {
  const labels = name.match(/(?:[^.\\]|\\[\s\S])+/g) ?? [];
  return labels.map((label) => label.replace(/\\([\s\S])/g, '$1'));
}

export function nameOf(labels: readonly string[]): string {
  return labels.map((label) => label.replace(/[.\\]/g, '\\$&')).join('.');
}

/** A name with one more label in front: an instance of a service. */
export function under(label: string, name: string): string {
  return `${nameOf([label])}.${name}`;
}

/** The one form of all spellings: RFC 6762 16 folds the case of ASCII and of nothing else. */
export function fold(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

export function sameName(a: string, b: string): boolean {
  return a === b || fold(a) === fold(b);
}

/** The octets of each label; undefined: DNS cannot have such a name. */
export function labelOctets(name: string): readonly Buffer[] | undefined {
  const labels = labelsOf(name).map((label) => Buffer.from(label));
  const length = labels.reduce((sum, label) => sum + label.length + 1, 1);
  const fits = length <= LONGEST_NAME && labels.every((label) => label.length <= LONGEST_LABEL);
  return fits ? labels : undefined;
}

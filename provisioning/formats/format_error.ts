/** The file is refused as a whole; the message is for people: what is wrong, and where. It never quotes values. */
export class FormatError extends Error {
  readonly code = 'FORMAT';

  constructor(what: string) {
    super(what);
    this.name = 'FormatError';
  }
}

/** What stops the page's server from starting; `message` says what happened and what to do. */
export class WebError extends Error {
  override readonly name = 'WebError';
  readonly code: 'address-in-use' | 'cannot-listen' | 'page-missing';

  constructor(code: WebError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

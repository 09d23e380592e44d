/** What goes wrong at the edge to the hardware, by what can be done about it. */

export type HalErrorCode =
  /** A device on the bus did not acknowledge: absent, unplugged or without power. */
  | 'NAK'
  /** Somebody else has it, or the bus is held; may be over in a moment. */
  | 'BUSY'
  /** It was there and has left. */
  | 'GONE'
  | 'IO'
  /** There is no such thing here. */
  | 'ABSENT'
  /** Permission is missing. */
  | 'DENIED';

/** The message says what happened, where, and what to do. */
export class HalError extends Error {
  override name = 'HalError';
  readonly code: HalErrorCode;

  constructor(code: HalErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const BY_ERRNO: Readonly<Record<string, HalErrorCode>> = {
  // Documentation/i2c/fault-codes.rst; drivers differ in which one means that nobody answered.
  ENXIO: 'NAK',
  EREMOTEIO: 'NAK',
  EBUSY: 'BUSY',
  EAGAIN: 'BUSY',
  ETIMEDOUT: 'BUSY',
  ENODEV: 'GONE',
  ENOENT: 'ABSENT',
  EACCES: 'DENIED',
  EPERM: 'DENIED',
};

/** @param errno as `EBUSY`. */
export function codeOfErrno(errno: string | undefined): HalErrorCode {
  return BY_ERRNO[errno ?? ''] ?? 'IO';
}

/** Of an error of Node or a native package, by its `code`; a HalError stays itself. */
export function halErrorOf(error: unknown, where: string): HalError {
  if (error instanceof HalError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new HalError(codeOfErrno(code), `${where}: ${message}`, { cause: error });
}

/** What a chip on the I2C bus is told: by the parts that know what to say, for the drivers that can say it. */

/** One I2C block write. */
export interface Transfer {
  /** First octet; to a chip without registers it is one like the others. */
  readonly register: number;
  /** 1 to 32. */
  readonly octets: Uint8Array;
  /** ms that the chip wants to be left alone afterwards. */
  readonly wait: number;
}

export function transfer(register: number, octets: ArrayLike<number>, wait = 0): Transfer {
  return { register, octets: Uint8Array.from(octets), wait };
}

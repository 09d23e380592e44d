/**
 * An I2C bus by the transfers of SMBus, which every adapter can do: small ones, and the kernel's i2c-stub, have no
 * plain I2C. Registers, addresses (7 bits) and values are octets.
 */

/** Most octets of a block transfer: I2C_SMBUS_BLOCK_MAX of linux/i2c.h. */
export const BLOCK_MAX = 32;

/** Transfers run one after the other. They reject with a HalError: `NAK`, `BUSY`, `GONE` or `IO`. */
export interface I2cBus {
  readByte(address: number, register: number): Promise<number>;
  writeByte(address: number, register: number, value: number): Promise<void>;
  /** One octet without a register, as for PCF8574. */
  sendByte(address: number, value: number): Promise<void>;
  receiveByte(address: number): Promise<number>;
  /** I2C block write: the register, then 1 to 32 octets. */
  writeBlock(address: number, register: number, octets: Uint8Array): Promise<void>;
  /** I2C block read of 1 to 32 octets. */
  readBlock(address: number, register: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Of the package i2c-bus, which brings no types, what i2c_bus.ts uses. */
declare module 'i2c-bus' {
  export interface PromisifiedBus {
    readByte(address: number, command: number): Promise<number>;
    writeByte(address: number, command: number, octet: number): Promise<void>;
    sendByte(address: number, octet: number): Promise<void>;
    receiveByte(address: number): Promise<number>;
    readI2cBlock(
      address: number,
      command: number,
      length: number,
      buffer: Buffer,
    ): Promise<{ readonly bytesRead: number; readonly buffer: Buffer }>;
    writeI2cBlock(address: number, command: number, length: number, buffer: Buffer): Promise<unknown>;
    close(): Promise<void>;
  }

  const i2c: { openPromisified(bus: number): Promise<PromisifiedBus> };
  export default i2c;
}

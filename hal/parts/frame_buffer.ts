/** A picture of one bit a pixel, laid out as the memory of small OLED controllers: pages of eight rows. */

/** Rows of pixels in a page. */
export const PAGE = 8;

export class FrameBuffer {
  readonly width: number;
  readonly height: number;
  /** Page after page, an octet a column, bit 0 on top. */
  readonly octets: Uint8Array;

  /** @throws RangeError unless `height` is a multiple of 8. */
  constructor(width: number, height: number) {
    if (height % PAGE !== 0) throw new RangeError(`${height} rows are no whole pages`);
    this.width = width;
    this.height = height;
    this.octets = new Uint8Array((width * height) / PAGE);
  }

  get pages(): number {
    return this.height / PAGE;
  }

  /** The columns of one page, as a view. */
  page(index: number): Uint8Array {
    return this.octets.subarray(index * this.width, (index + 1) * this.width);
  }

  clear(): void {
    this.octets.fill(0);
  }

  /** False outside of the picture. */
  get(x: number, y: number): boolean {
    return ((this.#octet(x, y) ?? 0) & (1 << (y % PAGE))) !== 0;
  }

  /** Nothing outside of the picture. */
  set(x: number, y: number, on = true): void {
    const octet = this.#octet(x, y);
    if (octet === undefined) return;
    const bit = 1 << (y % PAGE);
    this.octets[x + Math.floor(y / PAGE) * this.width] = on ? octet | bit : octet & ~bit;
  }

  /** Lights the bits of each column, bit 0 at row `y`; what falls outside is lost. */
  stamp(x: number, y: number, columns: readonly number[]): void {
    for (const [index, column] of columns.entries())
      for (let row = 0, bits = column; bits !== 0; row++, bits >>>= 1)
        if (bits & 1) this.set(x + index, y + row);
  }

  #octet(x: number, y: number): number | undefined {
    if (x < 0 || x >= this.width || y < 0 || y >= this.height) return undefined;
    return this.octets[x + Math.floor(y / PAGE) * this.width];
  }
}

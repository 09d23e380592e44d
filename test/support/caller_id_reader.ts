/** Reads what a telephone on a line is told of a caller; undefined where it is no sound message. For tests. */

export interface ReadCaller {
  readonly time: string | undefined;
  readonly number: string | undefined;
  readonly name: string | undefined;
  readonly absent: string | undefined;
  readonly callType: number | undefined;
}

export function readCallerId(octets: Uint8Array): ReadCaller | undefined {
  const length = octets[1] ?? 0;
  if (octets.length !== length + 3) return undefined;
  if ((octets.reduce((sum, octet) => sum + octet, 0) & 0xff) !== 0) return undefined;
  const body = octets.subarray(2, 2 + length);
  if (octets[0] === 0x04) {
    const text = textOf(body);
    const who = text.slice(8);
    const absent = who === 'P' || who === 'O' ? who : undefined;
    return {
      time: text.slice(0, 8),
      number: absent === undefined ? who : undefined,
      name: undefined,
      absent,
      callType: undefined,
    };
  }
  const parameters = octets[0] === 0x80 || octets[0] === 0x82 ? parametersOf(body) : undefined;
  if (parameters === undefined) return undefined;
  const text = (type: number) => {
    const value = parameters.get(type);
    return value === undefined ? undefined : textOf(value);
  };
  return {
    time: text(0x01),
    number: text(0x02),
    name: text(0x07),
    absent: text(0x04),
    callType: parameters.get(0x11)?.[0],
  };
}

function parametersOf(body: Uint8Array): Map<number, Uint8Array> | undefined {
  const parameters = new Map<number, Uint8Array>();
  let at = 0;
  while (at + 2 <= body.length) {
    const end = at + 2 + (body[at + 1] ?? 0);
    if (end > body.length) return undefined;
    parameters.set(body[at] ?? 0, body.subarray(at + 2, end));
    at = end;
  }
  return at === body.length ? parameters : undefined;
}

function textOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString('latin1');
}

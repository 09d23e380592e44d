/** The body of a response, up to a limit. */
import type { IncomingMessage } from 'node:http';

/** Octets: a configuration is a few kilobytes, one with a phone book some hundred. */
export const LARGEST_BODY = 1 << 20;

export class TooLarge extends Error {}

/** Rejects with TooLarge, or when it breaks off. */
export async function bodyOf(response: IncomingMessage, signal: AbortSignal): Promise<Uint8Array> {
  const coding = response.headers['content-encoding'] ?? 'identity';
  const announced = Number(response.headers['content-length'] ?? 0);
  try {
    if (!/^identity$/i.test(coding))
      throw new TooLarge(`it is compressed (${coding}), which was not asked for`);
    if (announced > LARGEST_BODY) throw new TooLarge(`it is larger than ${LARGEST_BODY} octets`);
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of response) {
      signal.throwIfAborted();
      length += chunk.length;
      if (length > LARGEST_BODY) throw new TooLarge(`it is larger than ${LARGEST_BODY} octets`);
      chunks.push(chunk);
    }
    if (!response.complete) throw new Error('the connection broke off');
    return Buffer.concat(chunks);
  } finally {
    response.destroy();
  }
}

/** Reads the body of a request, and no more of it than was agreed. */
import type { IncomingMessage } from 'node:http';

/** Undefined: there is more than `most` octets, or the sender went away. */
export async function bodyOf(request: IncomingMessage, most: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > most) return undefined;
  const chunks: Buffer[] = [];
  let octets = 0;
  try {
    for await (const chunk of request) {
      const part = Buffer.from(chunk as Buffer);
      octets += part.length;
      if (octets > most) return undefined;
      chunks.push(part);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

/** npm `sip` (kirm/sip.js). It decodes all that it knows at once. */
import { createRequire } from 'node:module';
import type { Stack } from './stack.ts';

export interface SipRequest {
  method?: string;
  uri: string;
  status?: number;
  content?: string;
  headers: Record<string, unknown> & { via?: unknown[]; to: { params: Record<string, string> } };
}

export interface SipLibrary {
  parse(octets: Buffer): SipRequest | undefined;
  makeResponse(request: SipRequest, status: number, reason: string): SipRequest;
  stringify(message: SipRequest): string;
  create(
    options: Record<string, unknown>,
    heard: (request: SipRequest) => void,
  ): { send(message: unknown, callback?: (response: SipRequest) => void): void; destroy(): void };
}

export const library = createRequire(import.meta.url)('sip') as SipLibrary;

function read(octets: Buffer): SipRequest {
  const message = library.parse(octets);
  if (message === undefined) throw new Error('not read');
  return message;
}

export const stack: Stack = {
  parse(octets) {
    const { method = '', headers, content = '' } = read(octets);
    return { method, vias: headers.via?.length ?? 0, body: content.length };
  },

  answer(octets) {
    const response = library.makeResponse(read(octets), 200, 'OK');
    response.headers.to.params.tag = 'a6c85cf';
    response.headers.allow = 'INVITE, ACK, CANCEL, BYE, OPTIONS';
    response.headers.accept = 'application/sdp';
    return Buffer.from(library.stringify(response), 'binary');
  },
};

/** npm `sip.js` (SIP.js): made for browsers, but its parser runs in Node. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Stack } from './stack.ts';

interface Incoming {
  readonly method: string;
  readonly body: string;
  getHeaders(name: string): readonly string[];
}

const require = createRequire(import.meta.url);
const core = pathToFileURL(require.resolve('sip.js/lib/core/messages/parser.js'));
const { Parser } = (await import(core.href)) as {
  Parser: { parseMessage(text: string, logger: object): Incoming | undefined };
};
const { constructOutgoingResponse } = (await import(new URL('outgoing-response.js', core).href)) as {
  constructOutgoingResponse(request: Incoming, options: object): { message: string };
};

const logger = { warn() {}, error() {} };

function read(octets: Buffer): Incoming {
  const message = Parser.parseMessage(octets.toString('utf8'), logger);
  if (message === undefined) throw new Error('not read');
  return message;
}

export const stack: Stack = {
  parse(octets) {
    const message = read(octets);
    return { method: message.method, vias: message.getHeaders('via').length, body: message.body.length };
  },

  answer(octets) {
    const { message } = constructOutgoingResponse(read(octets), {
      statusCode: 200,
      toTag: 'a6c85cf',
      allowed: ['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS'],
      extraHeaders: ['Accept: application/sdp'],
    });
    return Buffer.from(message);
  },
};

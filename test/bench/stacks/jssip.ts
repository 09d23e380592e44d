/** npm `jssip`: made for browsers, but its parser runs in Node. */
import { createRequire } from 'node:module';
import type { Stack } from './stack.ts';

interface Incoming {
  readonly method: string;
  readonly body: string;
  getHeaders(name: string): readonly string[];
  reply(status: number): void;
  server_transaction: { receiveResponse(status: number, text: string): void };
}

const require = createRequire(import.meta.url);
const { parseMessage } = require('jssip/lib/Parser.js') as {
  parseMessage(text: string, userAgent: unknown): Incoming | undefined;
};

const userAgent = { configuration: {}, contact: {} };
let written = '';
const transaction = {
  receiveResponse(_status: number, text: string) {
    written = text;
  },
};

function read(octets: Buffer): Incoming {
  const message = parseMessage(octets.toString('utf8'), userAgent);
  if (message === undefined) throw new Error('not read');
  return message;
}

export const stack: Stack = {
  parse(octets) {
    const message = read(octets);
    return { method: message.method, vias: message.getHeaders('via').length, body: message.body.length };
  },

  answer(octets) {
    const message = read(octets);
    message.server_transaction = transaction;
    message.reply(200);
    return Buffer.from(written);
  },
};

/** OPTIONS (RFC 3261 11.2): what we can do, told to whoever might call us. */
import type { Core } from './core.ts';
import type { HeaderLine } from './message/write.ts';
import { ACCEPT, ALLOW, SUPPORTED } from './refusals.ts';
import { type Incoming, respond } from './response.ts';

const CAPABILITIES: readonly HeaderLine[] = [
  ALLOW,
  ACCEPT,
  ['Accept-Encoding', 'identity'],
  ['Accept-Language', 'en'],
  SUPPORTED,
];

/** Answers as an INVITE would fare that finds the line free. `toTag` where the request has none. */
export function answerOptions(core: Core, incoming: Incoming, toTag?: string): void {
  respond(core, incoming, {
    status: 200,
    headers: CAPABILITIES,
    ...(toTag === undefined ? {} : { toTag }),
  });
}

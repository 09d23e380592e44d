/** When TLS is asked for all the way, so that our Contact has to be a SIPS URI as well (RFC 3261, RFC 5630 3.1). */
import type { SipMessage } from './message/message.ts';
import { parseNameAddr } from './message/name_addr.ts';
import type { Target } from './request/target.ts';

/** 8.1.1.8: a request of ours to this target. */
export function asksForSips({ uri, routes: [top] }: Pick<Target, 'uri' | 'routes'>): boolean {
  return isSips(uri) || isSips(uriOf(top));
}

/** 12.1.1: a request of the peer; its Contact counts where no proxy stays in the way. */
export function askedForSips(request: SipMessage): boolean {
  const [top] = request.values('record-route');
  return isSips(request.uri) || isSips(top === undefined ? request.contact?.uri : uriOf(top));
}

function uriOf(nameAddr: string | undefined): string | undefined {
  return nameAddr === undefined ? undefined : parseNameAddr(nameAddr)?.uri;
}

function isSips(uri: string | undefined): boolean {
  return uri !== undefined && /^sips:/i.test(uri);
}

/**
 * Fetches one file by TFTP, as the transfers of fetch/tftp_transfer.ts want it: to one address of the server after the
 * other, until one speaks. TFTP proves nothing and hides nothing, so the way has to be as short as that of http.
 */
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import { mayUse } from '#address/classes.ts';
import { sameAddress } from '#address/ip.ts';
import { mayBePlain } from '#provisioning/fetch/rank.ts';
import { fileOf } from '#provisioning/fetch/tftp_packet.ts';
import {
  type TftpEffect,
  type TftpFailure,
  type TftpInput,
  TftpTransfer,
} from '#provisioning/fetch/tftp_transfer.ts';
import type { Question } from '#provisioning/fetch/types.ts';
import { drive } from './drive.ts';
import { LARGEST_BODY } from './http_body.ts';
import { type Fetched, type FetchOptions, failedBy, PATIENCE } from './https_fetch.ts';
import { systemLookup } from './open_connection.ts';
import { inTurn } from './race_connect.ts';

const PORT = 69;
/** ms that an address has for itself before the next one is asked too. */
const HEAD_START = 1_000;
const MOST_ADDRESSES = 4;
const FAR = 'tftp is for servers nearby, as http is (provisioning.allowHttp)';

type Options = Pick<FetchOptions, 'allowHttp' | 'onLink' | 'resolve' | 'patience'>;

type Outcome = { readonly octets: Uint8Array; readonly address: string } | { readonly failure: TftpFailure };

/** Never rejects. A file that has not changed is `unchanged`, though TFTP has no word for it. */
export async function fetchByTftp(
  { url: text, validators }: Pick<Question, 'url' | 'validators'>,
  options: Options,
  cancel?: AbortSignal,
): Promise<Fetched> {
  const limit = AbortSignal.timeout(options.patience ?? PATIENCE);
  const signal = cancel === undefined ? limit : AbortSignal.any([limit, cancel]);
  const url = new URL(text);
  const file = fileOf(url);
  if (file === undefined) return failed({ kind: 'unusable', error: 'the URL names no file' });
  try {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const all = isIP(host) === 0 ? await (options.resolve ?? systemLookup)(host) : [host];
    const usable = all.filter((address) => mayUse(address) && mayBePlain(address, options));
    if (usable.length === 0 && all.length > 0) return failed({ kind: 'distrusted', error: FAR });
    const addresses = inTurn(usable).slice(0, MOST_ADDRESSES);
    const outcome = await race(addresses, Number(url.port) || PORT, file, signal);
    return fetchedOf(outcome, text, validators);
  } catch (error) {
    return failedBy(error, signal);
  }
}

function fetchedOf(outcome: Outcome, url: string, validators: Question['validators']): Fetched {
  if ('failure' in outcome)
    return outcome.failure.kind === 'absent' ? outcome.failure : failed(outcome.failure);
  const { octets, address } = outcome;
  const etag = `"${createHash('sha256').update(octets).digest('base64url')}"`;
  if (validators?.etag === etag) return { kind: 'unchanged', address };
  return { kind: 'content', octets, etag, upgraded: false, address, url };
}

/** The first address that speaks is the one. Rejects when `signal` says so. */
function race(
  addresses: readonly string[],
  port: number,
  file: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const waiting = [...addresses];
  const open = new Map<string, { close(): void }>();
  let last: TftpFailure = { kind: 'unreachable', error: 'there is no address to ask' };
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const finish = (outcome?: Outcome): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      if (outcome === undefined) reject(new Error('it took too long'));
      else resolve(outcome);
    };
    const closeAll = (but?: string): void => {
      for (const [address, transfer] of open) if (address !== but) transfer.close();
    };
    const aborted = (): void => {
      closeAll();
      finish();
    };
    const heard = (address: string): void => {
      clearTimeout(timer);
      waiting.length = 0;
      closeAll(address);
    };
    const next = (): void => {
      clearTimeout(timer);
      const address = waiting.shift();
      if (address === undefined) {
        if (open.size === 0) finish({ failure: last });
        return;
      }
      const end = (failure: TftpFailure): void => {
        last = failure;
        open.delete(address);
        next();
      };
      const transfer = begin(address, port, file, {
        heard: () => heard(address),
        done: (octets) => finish({ octets, address }),
        failed: end,
      });
      open.set(address, transfer);
      timer = setTimeout(next, HEAD_START);
    };
    if (signal.aborted) return finish();
    signal.addEventListener('abort', aborted, { once: true });
    next();
  });
}

interface TransferEvents {
  heard(): void;
  done(octets: Uint8Array): void;
  failed(failure: TftpFailure): void;
}

/** One transfer with its socket, which it keeps a little beyond its end. */
function begin(address: string, port: number, file: string, events: TransferEvents): { close(): void } {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  let isOpen = true;
  const close = (): void => {
    driven.close();
    if (isOpen) socket.close();
    isOpen = false;
  };
  const driven = drive<TftpInput, TftpEffect>(new TftpTransfer(file, LARGEST_BODY), (effect) => {
    switch (effect.kind) {
      case 'send':
        socket.send(effect.octets, effect.port ?? port, address, () => {});
        break;
      case 'closed':
        close();
        break;
      case 'heard':
        events.heard();
        break;
      case 'done':
        // What is left to do keeps no process alive.
        socket.unref();
        events.done(effect.octets);
        break;
      case 'failed':
        events.failed(effect.failure);
    }
  });
  socket.on('error', ({ message }) => {
    close();
    events.failed({ kind: 'unreachable', error: message });
  });
  socket.on('message', (octets, from) => {
    if (sameAddress(from.address, address)) driven.give({ kind: 'received', port: from.port, octets });
  });
  socket.bind(0, () => driven.give({ kind: 'begin' }));
  return { close };
}

function failed(failure: Extract<Fetched, { kind: 'failed' }>['failure']): Fetched {
  return { kind: 'failed', failure };
}

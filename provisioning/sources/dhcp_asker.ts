/** Carries out what a machine that asks DHCP servers wants: its port is open only while answers are awaited. */
import type { AskInput } from '#provisioning/discovery/dhcp4_inform.ts';
import { type ClientPort, type ClientPortOptions, openClientPort } from './client_port.ts';
import { drive, type Machine } from './drive.ts';

type AskEffect<O> =
  | { readonly kind: 'send'; readonly octets: Uint8Array }
  | { readonly kind: 'told'; readonly server: string; readonly options: O }
  | { readonly kind: 'silent' | 'rest' };

export interface DhcpEvents<O> {
  told(server: string, options: O): void;
  /** For the log. */
  note(text: string): void;
}

export interface Asker {
  close(): void;
}

/** Begins at once. */
export function askDhcp<O>(
  machine: Machine<AskInput, AskEffect<O>>,
  where: Pick<ClientPortOptions, 'family' | 'interface' | 'address' | 'mac'>,
  events: DhcpEvents<O>,
): Asker {
  let port: Promise<ClientPort | undefined> | undefined;
  let closed = false;
  const noted = new Set<string>();
  const note = (text: string) => {
    if (!noted.has(text)) events.note(text);
    noted.add(text);
  };
  const shut = () => {
    void port?.then((open) => open?.close());
    port = undefined;
  };
  const driven = drive<AskInput, AskEffect<O>>(machine, (effect) => {
    switch (effect.kind) {
      case 'send':
        port ??= openClientPort({
          ...where,
          note,
          received: (octets) => driven.give({ kind: 'received', octets }),
        });
        void port.then((open) => closed || open?.send(effect.octets));
        break;
      case 'told':
        events.told(effect.server, effect.options);
        break;
      case 'silent':
        note(`no DHCP server for IPv${where.family} answers on ${where.interface}`);
        break;
      case 'rest':
        shut();
    }
  });
  driven.give({ kind: 'start' });
  return {
    close: () => {
      closed = true;
      driven.close();
      shut();
    },
  };
}

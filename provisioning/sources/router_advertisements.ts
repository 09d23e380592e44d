/**
 * Hears routers: a packet socket takes what they advertise beside the kernel, whoever handles it there, and solicits
 * them once. The kernel's own way of telling (RTM_NEWNDUSEROPT) would need no privilege, but is silent where a DHCP client handles
 * advertisements itself, as dhcpcd and systemd-networkd do, and about all that came before we listened.
 */
import { loadLibc } from '#net/libc.ts';
import type { AskInput } from '#provisioning/discovery/dhcp4_inform.ts';
import { frameToRouters, routerMessage, sourceOf6 } from '#provisioning/discovery/frames.ts';
import type { RouterAdvertisement } from '#provisioning/discovery/router_advertisement.ts';
import { Solicitor, type SolicitorEffect } from '#provisioning/discovery/router_solicitation.ts';
import type { Asker } from './dhcp_asker.ts';
import type { Dhcp6Where } from './dhcp6_client.ts';
import { drive } from './drive.ts';
import { FILTER, openPacketSocket } from './packet_socket.ts';

const ROUTER_ADVERTISEMENT = 134;

export interface RouterEvents {
  /** `router`: its link-local address. */
  told(router: string, advertisement: RouterAdvertisement): void;
  /** For the log. */
  note(text: string): void;
}

/** Begins at once. */
export function hearRouters(where: Dhcp6Where, events: RouterEvents): Asker {
  let close = () => {};
  let closed = false;
  void loadLibc().then((libc) => {
    if (closed) return;
    let router = '';
    const socket =
      libc === undefined
        ? 'koffi is not installed'
        : openPacketSocket(
            libc,
            { interface: where.interface, family: 6 },
            FILTER.icmpv6(ROUTER_ADVERTISEMENT),
            (frame) => {
              const octets = routerMessage(frame);
              router = sourceOf6(frame);
              if (octets !== undefined) driven.give({ kind: 'received', octets });
            },
          );
    if (typeof socket === 'string') {
      events.note(
        `routers on ${where.interface} are not heard (${socket}): give CAP_NET_RAW; search domains of resolv.conf serve instead`,
      );
      return;
    }
    const driven = drive<AskInput, SolicitorEffect>(new Solicitor(where), (effect) => {
      if (effect.kind === 'send')
        socket.send(frameToRouters(effect.octets, { from: where.address, mac: where.mac }));
      if (effect.kind === 'told') events.told(router, effect.advertisement);
    });
    close = () => {
      driven.close();
      socket.close();
    };
    driven.give({ kind: 'start' });
  });
  return {
    close: () => {
      closed = true;
      close();
    },
  };
}

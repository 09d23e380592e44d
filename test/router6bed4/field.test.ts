/** What a router of 2020 answered, held against ours, where a collection of its answers lies beside the checkout. */
import { readFileSync } from 'node:fs';
import { Router } from '#router6bed4/router.ts';
import { endText } from '#socket6bed4/address/ipv4.ts';
import { routerPrefix } from '#socket6bed4/address/sixbed4.ts';
import { IcmpType, isIcmpIntact } from '#socket6bed4/packet/icmpv6.ts';
import { withVectors } from '../media/field_vectors.ts';
import { end } from './stand.ts';

interface Stimulus {
  readonly id: string;
  readonly send: { readonly from: string; readonly to: string; readonly hex: string };
  readonly responses: readonly { readonly at: string; readonly from: string; readonly hex: string }[];
}

interface Conversation {
  readonly router: string;
  readonly packets: readonly {
    readonly path: string;
    readonly ip: { readonly src: string; readonly dst: string };
    readonly udp: { readonly sport: number; readonly dport: number };
    readonly hex: string;
  }[];
}

/** What comes of a stimulus: nothing but a reason, or one datagram. */
type Outcome = { readonly dropped?: string; readonly to?: string; readonly hex?: RegExp };

/** ICMPv6 from the router's own address, …:64be with lanip 0, to the peer at port 40002. */
const icmp = (type: string) =>
  new RegExp(`^60{7}....3a40fc640bed918800019088000164be4000fc640bed91880001908800..9c424001${type}`);
const PEER = '145.136.0.254:40002';

/** Where ours does otherwise, and on purpose. */
const OTHERWISE: Readonly<Record<string, Outcome & { readonly because: string }>> = {
  'rs-nonce': {
    because: 'RFC 4861 6.1.1: options that are not known are ignored, and a nonce is no reason for silence',
    to: PEER,
    hex: /^6000000000303afffe80{29}ff020{27}18600........ff/,
  },
  'relay-badplen': {
    because: 'a length that is not that of the datagram is no packet',
    dropped: 'malformed',
  },
  'relay-trail': { because: 'nor is one with something behind it', dropped: 'malformed' },
  'src-ll': { because: 'fe80:: is of one link and never relayed (RFC 4291 2.5.6)', dropped: 'link-local' },
  'dst-router': {
    because: 'the first address of a /114 is the router, which can be pinged',
    to: PEER,
    hex: /3a40fc640bed91880001908800fe9c424000fc640bed91880001908800fe9c4240018100/,
  },
  'dst-port0': { because: 'the same silence, and it is counted', dropped: 'forbidden-target' },
  'dst-ip0': { because: 'the reference gave it to its kernel to send', dropped: 'forbidden-target' },
  'dst-loop': { because: 'the reference sent it into its own loopback', dropped: 'forbidden-target' },
  'dst-netid': {
    because: 'what lies under another router goes to that router, which alone can pass its NATs',
    to: '192.0.2.1:25790',
    hex: /^60{10}d113ffc64/,
  },
  'relay-hop1': { because: 'RFC 8200 3, RFC 4443 3.3: the sender is told', to: PEER, hex: icmp('0300') },
  mtu1281: { because: 'RFC 4443 3.2: the sender is told what fits', to: PEER, hex: icmp('0200....00000500') },
};

/** Of the packet that it corrected, that router left flow label, next header and code in its advertisement. */
function corrected(hex: string): string {
  const octets = Buffer.from(hex, 'hex');
  if (octets[40] !== IcmpType.routerAdvertisement) return hex;
  octets.writeUInt32BE(0x60000000, 0);
  octets[6] = 58;
  octets.writeUInt16BE(octets.readUInt16BE(42) + (octets[41] ?? 0), 42);
  octets[41] = 0;
  return octets.toString('hex');
}

/** Where the recorder listened. */
const LISTENERS: Readonly<Record<string, string>> = {
  'S(40002)': PEER,
  'T(40005)': '145.136.0.254:40005',
};

const ROUTER = end('145.136.0.1');
const NETWORK = routerPrefix(0x0bed, ROUTER.ipv4);
const freshRouter = () => new Router({ prefix: NETWORK, self: ROUTER });

withVectors(
  'field/6bed4',
  'every stimulus is answered as by a router of 2020, but for what that one does wrong',
  (t, folder) => {
    const { vectors } = JSON.parse(readFileSync(`${folder}/router_stimulus_response.json`, 'utf8')) as {
      vectors: readonly Stimulus[];
    };
    t.is(vectors.length, 37);
    const ids = new Set(vectors.map(({ id }) => id));
    t.deepEqual(
      Object.keys(OTHERWISE).filter((id) => !ids.has(id)),
      [],
      'the table of differences names only what is there',
    );
    for (const { id, send, responses } of vectors) {
      const effects = freshRouter().handle(end(send.from), Buffer.from(send.hex, 'hex'), 0);
      const sent = effects
        .filter((effect) => effect.kind === 'transmit')
        .map(({ to, octets }) => ({ to: endText(to), hex: Buffer.from(octets).toString('hex') }));
      const different = OTHERWISE[id];
      if (different === undefined) {
        const expected = responses.map(({ at, hex }) => ({ to: LISTENERS[at], hex: corrected(hex) }));
        t.deepEqual(sent, expected, id);
        continue;
      }
      t.is(sent[0]?.to, different.to, `${id}: ${different.because}`);
      if (different.hex !== undefined) t.regex(sent[0]?.hex ?? '', different.hex, id);
      if (different.dropped !== undefined)
        t.deepEqual(effects, [{ kind: 'dropped', why: different.dropped }], id);
      for (const { hex } of sent) {
        const packet = Buffer.from(hex, 'hex');
        if (packet[6] === 58) t.true(isIcmpIntact(packet), `${id}: checksum`);
      }
    }
  },
);

withVectors('field/6bed4', 'a peer whose mapping was lost is corrected at once, as recorded', (t, folder) => {
  const { packets } = JSON.parse(readFileSync(`${folder}/new-mapping-loss.json`, 'utf8')) as Conversation;
  const router = freshRouter();
  const due: { to: string; hex: string }[] = [];
  let answered = 0;
  for (const { path, ip, udp, hex } of packets) {
    if (path === 'to-router') {
      const from = end(`${ip.src}:${udp.sport}`);
      for (const effect of router.handle(from, Buffer.from(hex, 'hex'), 0)) {
        if (effect.kind !== 'transmit') continue;
        due.push({ to: endText(effect.to), hex: Buffer.from(effect.octets).toString('hex') });
      }
    } else {
      t.deepEqual(due.shift(), { to: `${ip.dst}:${udp.dport}`, hex: corrected(hex) });
      answered += 1;
    }
  }
  t.deepEqual(due, []);
  t.is(answered, 4);
});

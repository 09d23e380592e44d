/**
 * Attacks on telephones that were seen elsewhere, and the tests that hold each of them off here. A test that is renamed
 * or removed is missed at once: whoever does so says here what takes its place.
 */
import { globSync, readFileSync } from 'node:fs';
import test from 'ava';

interface Attack {
  readonly what: string;
  /** File below test/, then titles as they stand in its source. */
  readonly held: Readonly<Record<string, readonly string[]>>;
  /** What of it is not held yet, and by what it will be. */
  readonly later?: string;
}

const ATTACKS: readonly Attack[] = [
  {
    what: 'memory corruption by a request to the page before anybody has logged in',
    held: {
      'web/admin/guard.test.ts': [
        'damaged bodies before and after the login are answered, never with 500, and the server goes on',
        'octets that are no HTTP, and requests with damaged heads, do no harm',
        'a body beyond its limit is refused, told or untold, and the server goes on',
      ],
    },
  },
  {
    what: 'overflow in what is read from the link, below IP',
    held: {
      'provisioning/discovery/hostile.test.ts': ['frames: '],
    },
  },
  {
    what: 'commands smuggled into a shell by a form of the page',
    held: { 'web/admin/defence.test.ts': ['no source of the telephone starts a shell'] },
  },
  {
    what: 'passwords that every device of a kind has',
    held: {
      'web/admin/defence.test.ts': ['there is no account, password or PIN before somebody makes one'],
      'web/admin/door.test.ts': ['a PIN is good for one owner'],
      'image/units.test.ts': ['nobody has a password, and nobody is asked for one'],
    },
  },
  {
    what: 'credentials for whoever knows a hardware address',
    held: {
      'provisioning/fetch/fetching_pinned.test.ts': [
        'a rogue server is told of once, never asked, and changes nothing',
        'the same host with another key is refused and told, and believed after the key was pressed',
      ],
      'provisioning/sources/http_fetch.test.ts': ['user and password stay with the server that they are for'],
    },
  },
  {
    what: 'configuration in the clear, and secrets on the disk or in the log',
    held: {
      'provisioning/sources/http_fetch.test.ts': [
        'http is for loopback, the link and private networks, unless it is forced',
      ],
      'provisioning/store/store.test.ts': ['everything is for our eyes alone'],
      'provisioning/store/drop_directory.test.ts': [
        'an applied one leaves a copy without secrets, and every secret is gone from the card',
      ],
      'leaks.test.ts': ['what tests register and hear is what is looked at'],
      'cli/factory_reset.test.ts': [
        'by its page: the telephone forgets everything and goes on as a new one, in the same process',
      ],
    },
  },
  {
    what: 'a server of DHCP, plug and play or multicast DNS that is none of ours',
    held: {
      'provisioning/fetch/fetching_pinned.test.ts': [
        'a thousand rogue servers are sixteen tidings at most',
        'an old configuration sent again is refused and told',
        'a key pressed moves the telephone, once the new server has given a configuration',
      ],
      'neighbours/directory.test.ts': [
        'another key than at the first contact, or none any more: it may not ring',
      ],
      'provisioning/sources/pnp.test.ts': [
        'a stranger with other Call-IDs, megabytes and a thousand answers is counted, and takes four places at most',
      ],
    },
  },
  {
    what: 'calls of scanners, and telephones that they find by their answers',
    held: {
      'agent/strangers.test.ts': ['a stranger gets no answer, is counted, and rings nothing'],
      'sip/admission.test.ts': ['a stranger gets no answer to anything, and is counted'],
      'sip/user_agent.test.ts': ['from a stranger gets no answer'],
      'sip/flood.test.ts': ['in a second is heard as often as any telephone needs'],
    },
  },
  {
    what: 'SIP messages that are read otherwise than they were meant',
    held: {
      'sip/user_agent.test.ts': [
        ': the agent does as it should, and lives',
        'damaged messages, twenty thousand of them, never stop the agent',
      ],
      'sip/write.test.ts': ['comes back octet for octet'],
      'agent/torture.test.ts': ['torture messages over '],
    },
  },
  {
    what: 'a digest of the password for whoever asks in a call',
    held: {
      'sip/challenge.test.ts': [
        'who called us gets no digest of our password, whatever it asks for in the call',
        'a call without account answers no challenge',
      ],
      'sip/registration.test.ts': [
        'a challenge from elsewhere than our server is not answered',
        'of several challenges the strongest is answered',
      ],
    },
  },
  {
    what: 'voices put into a call by others, or heard by them',
    held: {
      'media/remote.test.ts': [
        'nobody cuts in while the negotiated place sends',
        'media from elsewhere is taken after five packets that agree, while the negotiated place is silent',
        'the negotiated place is taken back as soon as it is heard',
      ],
    },
    later: 'SRTP; until it is built a call that demands it is refused',
  },
  {
    what: 'a microphone that is opened from far away',
    held: {
      'agent/auto_answer.test.ts': [
        'a caller that wishes to be answered at once, in any way that telephones know, only rings',
      ],
      'web/admin/defence.test.ts': [
        'the settings can neither dial, answer, listen nor operate the telephone',
      ],
    },
  },
  {
    what: 'firmware of somebody else, or one that does not start',
    held: {
      'telephone/updates.test.ts': ['a bundle that RAUC refuses is removed, with its reason in the status'],
      'image/u_boot.test.ts': ['three starts that nobody found good, then the other slot'],
    },
  },
  {
    what: 'expensive calls with stolen credentials',
    held: {
      'phone/allowed.test.ts': [
        'a refused number is told on the display, in the ear and in the log, and nothing is sent',
        'no text, however it is written, calls a number that no pattern allows',
      ],
    },
  },
  {
    what: 'remote management that listens (TR-069)',
    held: {
      'cli/listening.test.ts': [
        'a telephone listens for SIP and nothing else: nobody configures it from outside',
      ],
      'sip/resync.test.ts': ['who may ring may not reboot: 403; a stranger gets no answer; nothing is done'],
    },
  },
  {
    what: 'tunnels that lead past a firewall',
    held: {
      'net/locate.test.ts': ['Teredo addresses are dropped and reported, from DNS and as targets'],
      'media/remote.test.ts': ['Teredo is neither heard nor sent to'],
      'phone/media_family.test.ts': ['an own Teredo address is never described'],
      'net/tunnel.test.ts': ['nobody in the tunnel passes for loopback, a neighbour, ourselves or Teredo'],
      'socket6bed4/peer_hostile.test.ts': [
        'packets of Teredo, of private ends and for others are counted, each by its word',
      ],
    },
  },
  {
    what: 'the page used by other sites, or by names that callers give themselves',
    held: {
      'web/admin/guard.test.ts': [
        'what changes something needs the token of the page, the origin, and JSON',
        'the page is reached by the names and addresses of this machine, and the root leads to it',
        'every answer carries the header fields that keep a browser safe',
        'no secret of the configuration is ever served back',
      ],
      'web/access.test.ts': [
        'a phone that listens on all addresses is reached by the address, not by a rebound name',
      ],
      'web/page.test.ts': ['hostile names are text, wherever they stand'],
      'web/admin/page.test.ts': ['hostile names are text in every section'],
      'web/admin/defence.test.ts': ['the page puts text from the network nowhere but into text'],
      'web/admin/metrics.test.ts': [
        'who guesses has to wait, even with the right token, and no longer than a minute',
      ],
    },
  },
  {
    what: 'a memory card that is worn out by writing',
    held: {
      'web/admin/defence.test.ts': [
        'strangers at the door make nothing be written',
        'the log in memory is short, and so are its lines',
      ],
      'agent/reachability_file.test.ts': ['what has not changed is not written again'],
      'image/units.test.ts': [
        'partitions are named as the card names them, and nothing else is mounted from it',
      ],
    },
  },
];

/** Of tests that run where they can: `test(…`, and those that need a program or an address. */
const TITLE =
  /\b(?:test(?:\.serial)?|with[A-Z]\w*|elsewhere|maybe|booting)\(\s*(?:'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`)/g;

function titlesIn(source: string): readonly string[] {
  return [...source.matchAll(TITLE)].map(([, quoted, template]) => quoted ?? template ?? '');
}

for (const { what, held, later } of ATTACKS) {
  test(`${what}: ${later === undefined ? 'held by tests' : `in part by tests, later ${later}`}`, (t) => {
    const files = Object.entries(held);
    t.true(files.length > 0 || later !== undefined);
    for (const [file, titles] of files) {
      const tests = titlesIn(readFileSync(`test/${file}`, 'utf8'));
      for (const title of titles)
        t.true(
          tests.some((each) => each.includes(title)),
          `${file} has no longer: ${title}`,
        );
    }
  });
}

const sources = globSync('{firmware,hal,provisioning}/**/*.{ts,tsx}', {
  exclude: ['**/node_modules/**', '**/dist/**'],
});
const having = (what: RegExp) => sources.filter((file) => what.test(readFileSync(file, 'utf8')));

test('no protocol that devices use to discover each other below IP is read', (t) => {
  t.true(sources.length > 100);
  t.deepEqual(having(/\bAF_PACKET\b/), ['provisioning/sources/packet_socket.ts']);
  const socket = readFileSync('provisioning/sources/packet_socket.ts', 'utf8');
  t.regex(socket, /ETHERTYPE = \{ 4: 0x0800, 6: 0x86dd \}/, 'of IPv4 and IPv6 alone');
  t.deepEqual(having(/\blldp\w*\(|\b0x88cc\b/i), []);
});

/** What metrics tell of the telephone as it is now, read from its status. */
import type { Status } from '#phone/types.ts';
import type { Labels, MetricName, Sample } from './metric_families.ts';

export interface Machine {
  readonly connections: number;
  /** Octets. */
  readonly memory: number;
}

const SOURCES = ['system', 'sip', 'ntp'] as const;
const TRUSTS = ['open', 'pinned', 'changed'] as const;
const PART_STATES = ['ok', 'absent', 'failed'] as const;

export function samplesOf(status: Status, { connections, memory }: Machine): readonly Sample[] {
  const { state, direct, relayed } = status.network.sixbed4;
  return [
    sample('dualtone_build_info', 1, { version: status.version }),
    sample('dualtone_uptime_seconds', status.uptime),
    sample('dualtone_resident_memory_bytes', memory),
    sample('dualtone_tcp_connections', connections),
    sample('dualtone_sixbed4_up', Number(state === 'up')),
    sample('dualtone_sixbed4_direct_packets_total', direct),
    sample('dualtone_sixbed4_relayed_packets_total', relayed),
    ...counted(
      'dualtone_hardware_parts',
      'state',
      PART_STATES,
      status.hardware.map(({ state }) => state),
    ),
    ...accounts(status),
    ...calls(status),
    ...counted('dualtone_neighbours', 'trust', TRUSTS, heardLately(status)),
    ...fleet(status),
  ];
}

function accounts({ accounts }: Status): readonly Sample[] {
  const registered = accounts.filter(({ state }) => state === 'registered');
  return [
    sample('dualtone_accounts', accounts.length),
    sample('dualtone_accounts_registered', registered.length),
    // An account that is named twice would be one series twice, which no reader takes.
    ...[...new Map(accounts.map(({ aor, state }) => [aor, state]))].map(([aor, state]) =>
      sample('dualtone_account_registered', Number(state === 'registered'), { account: aor }),
    ),
  ];
}

function calls({ calls }: Status): readonly Sample[] {
  const open = calls.filter(({ state }) => state !== 'ended');
  const jitters = open.flatMap(({ media }) => (media === null ? [] : [media.jitterMs]));
  return [
    sample('dualtone_calls', open.length),
    ...(jitters.length === 0 ? [] : [sample('dualtone_rtp_jitter_seconds', Math.max(...jitters) / 1000)]),
  ];
}

function heardLately({ neighbours }: Status): readonly string[] {
  return neighbours.filter(({ fresh }) => fresh).map(({ trust }) => trust);
}

/** What is around the agent; an agent by itself has nothing of it. */
function fleet({ clock, provisioning, syslog }: Status): readonly Sample[] {
  return [
    ...(clock === undefined
      ? []
      : [
          ...counted('dualtone_clock_source', 'source', SOURCES, [clock.source]),
          sample('dualtone_clock_offset_seconds', clock.offsetMs / 1000),
        ]),
    ...(provisioning === undefined ? [] : provisioned(provisioning)),
    ...(syslog === undefined || syslog === null
      ? []
      : [
          sample('dualtone_syslog_lost_total', syslog.lost),
          sample('dualtone_syslog_waiting', syslog.waiting),
        ]),
  ];
}

function provisioned({
  state,
  server = '',
  version = '',
  givenUp,
  refused,
  changes,
}: NonNullable<Status['provisioning']>): readonly Sample[] {
  return [
    sample('dualtone_provisioning_trial', Number(state === 'trial')),
    sample('dualtone_provisioning_given_up', givenUp),
    sample('dualtone_provisioning_refused', Number(refused !== undefined)),
    sample('dualtone_provisioning_server_changes', changes),
    sample('dualtone_provisioning_info', 1, { server, version }),
  ];
}

/** One series for each of `all`, of which there are so many in `found`. */
function counted(
  name: MetricName,
  label: string,
  all: readonly string[],
  found: readonly string[],
): readonly Sample[] {
  return all.map((each) => sample(name, found.filter((one) => one === each).length, { [label]: each }));
}

function sample(name: MetricName, value: number, labels?: Labels): Sample {
  return { name, value, ...(labels === undefined ? {} : { labels }) };
}

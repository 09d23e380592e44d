/**
 * Every metric that a telephone has. Names by the convention of Prometheus: `dualtone_`, what is counted, its unit
 * (seconds, bytes) in full, and `_total` behind what only ever grows.
 */
export interface Family {
  readonly help: string;
  readonly type: 'counter' | 'gauge';
}

export const FAMILIES = {
  dualtone_build_info: { help: 'The version that runs, always 1', type: 'gauge' },
  dualtone_uptime_seconds: { help: 'Seconds since start', type: 'gauge' },
  dualtone_resident_memory_bytes: { help: 'Resident set size', type: 'gauge' },
  dualtone_faults_total: { help: 'Inputs that a part of the agent could not handle', type: 'counter' },
  dualtone_hardware_parts: { help: 'Parts of the board, by state', type: 'gauge' },

  dualtone_sip_messages_total: { help: 'SIP messages by direction and transport', type: 'counter' },
  dualtone_dropped_total: { help: 'Messages and connections that were ignored, by reason', type: 'counter' },
  dualtone_transport_errors_total: { help: 'Messages that could not be sent', type: 'counter' },
  dualtone_tcp_connections: { help: 'Open TCP connections', type: 'gauge' },

  dualtone_accounts: { help: 'Accounts of the configuration', type: 'gauge' },
  dualtone_accounts_registered: { help: 'Accounts that are registered', type: 'gauge' },
  dualtone_account_registered: { help: 'Whether this account is registered', type: 'gauge' },
  dualtone_registrations_total: { help: 'Registrations made and failed, by outcome', type: 'counter' },

  dualtone_calls: { help: 'Calls under way', type: 'gauge' },
  dualtone_calls_total: { help: 'Calls begun, by direction', type: 'counter' },
  dualtone_calls_ended_total: { help: 'Calls ended, by who ended them and class of status', type: 'counter' },

  dualtone_rtp_packets_sent_total: { help: 'RTP packets sent', type: 'counter' },
  dualtone_rtp_packets_received_total: { help: 'RTP packets received', type: 'counter' },
  dualtone_rtp_packets_lost_total: { help: 'RTP packets that never came', type: 'counter' },
  dualtone_rtp_jitter_seconds: {
    help: 'Interarrival jitter (RFC 3550 6.4.1), the worst of the calls under way',
    type: 'gauge',
  },

  dualtone_sixbed4_up: { help: 'Whether the 6bed4 tunnel is up', type: 'gauge' },
  dualtone_sixbed4_direct_packets_total: {
    help: 'Packets through the tunnel to neighbours',
    type: 'counter',
  },
  dualtone_sixbed4_relayed_packets_total: { help: 'Packets through the tunnel to routers', type: 'counter' },

  dualtone_neighbours: {
    help: 'Telephones on the LAN that were heard lately, by what is known of their key',
    type: 'gauge',
  },

  dualtone_provisioning_trial: {
    help: 'Whether the configuration in force has yet to prove itself',
    type: 'gauge',
  },
  dualtone_provisioning_given_up: {
    help: 'Configurations that failed and are not tried again',
    type: 'gauge',
  },
  dualtone_provisioning_refused: {
    help: 'Whether the last answer of a server was of no use',
    type: 'gauge',
  },
  dualtone_provisioning_server_changes: {
    help: 'Servers that want to give the configuration and wait for a person',
    type: 'gauge',
  },
  dualtone_provisioning_info: {
    help: 'Server and version of the configuration in force, always 1',
    type: 'gauge',
  },

  dualtone_clock_source: {
    help: 'Who says what time it is: 1 of the one that counts, 0 of the others',
    type: 'gauge',
  },
  dualtone_clock_offset_seconds: { help: 'What is added to the clock of the system', type: 'gauge' },

  dualtone_syslog_lost_total: {
    help: 'Lines of the log that the syslog server never got',
    type: 'counter',
  },
  dualtone_syslog_waiting: { help: 'Lines of the log that wait for the syslog server', type: 'gauge' },
} as const satisfies Record<string, Family>;

export type MetricName = keyof typeof FAMILIES;
export type Labels = Readonly<Record<string, string>>;

/** A value as it is now. */
export interface Sample {
  readonly name: MetricName;
  readonly value: number;
  readonly labels?: Labels;
}

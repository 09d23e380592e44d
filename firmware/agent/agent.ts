/**
 * One telephone, running: owns the user agent, the telephone and everything with a socket, a thread or a wire, and
 * carries their effects out. Decides nothing by itself but what no machine may know: who is which account's secret,
 * and that what is configured and not built is refused.
 */
import type { Endpoint } from '#address/endpoint.ts';
import type { PartStatus } from '#hal/types.ts';
import { inAddressOrder } from '#net/address_order.ts';
import { codeInWords } from '#net/errors.ts';
import { openSystemDns, ServerLocator } from '#net/locate.ts';
import { Transport } from '#net/transport.ts';
import type { OwnAddresses } from '#net/watch/addresses.ts';
import { NetworkWatch } from '#net/watch/network_watch.ts';
import type { Phone } from '#phone/phone.ts';
import type { Control, ShownTime } from '#phone/types.ts';
import type { Flow, SipEvent, SipInput } from '#sip/types.ts';
import type { UserAgent } from '#sip/user_agent.ts';
import { AnalogLine } from './analog_line.ts';
import { AgentControl } from './control.ts';
import { isIdle } from './idle.ts';
import { Locating } from './locating.ts';
import { Loop, type PhoneIo, type SipIo } from './loop.ts';
import { newPhone, newUserAgent, tlsOptions } from './machines.ts';
import { MediaCounters } from './media_counters.ts';
import { Metrics } from './metrics.ts';
import { openNeighbourDoor } from './neighbour_door.ts';
import { Neighbours } from './neighbours.ts';
import type { AgentOptions } from './ports.ts';
import { ReachabilityKeeper } from './reachability_keeper.ts';
import { RefusedCalls } from './refused_calls.ts';
import { Report } from './report.ts';
import { ResyncDoor } from './resync.ts';
import { SelftestDoor } from './selftest.ts';
import { countEvent } from './sip_counters.ts';
import { Sixbed4 } from './sixbed4.ts';
import { SoundParts } from './sound_parts.ts';
import { listeningText, textOfAddresses } from './status.ts';
import { Trace } from './trace.ts';

/** What is built, the most liked first. */
const TRANSPORTS = ['udp', 'tcp', 'tls'] as const;
/** Milliseconds that calls and registrations have to end in peace; the whole may take two seconds. */
const GOODBYE = 1_600;

export class Agent {
  readonly control: Control;
  /** Subscribes to these documents, and to no others (RFC 5989). */
  readonly monitor = (uris: readonly string[]): void => this.#loop.sip({ kind: 'monitor', uris });
  readonly #options: AgentOptions;
  readonly #trace: Trace;
  readonly #metrics = new Metrics();
  readonly #packets = new MediaCounters(this.#metrics);
  readonly #sound = new SoundParts();
  readonly #servers: ServerLocator;
  readonly #sixbed4: Sixbed4;
  readonly #neighbours: Neighbours;
  readonly #locating: Locating;
  readonly #line: AnalogLine;
  readonly #resync: ResyncDoor;
  readonly #loop: Loop;
  readonly #userAgent: UserAgent;
  readonly #phone: Phone;
  readonly #control: AgentControl;
  readonly #selftest = new SelftestDoor(() => this.#loop.phone({ kind: 'selftest' }));
  readonly #refused: RefusedCalls;
  readonly #keeper: ReachabilityKeeper;
  readonly #report: Report;
  #transport: Transport | undefined;
  #watch: NetworkWatch | undefined;
  #meeting: Promise<void> | undefined;
  #quiet: () => void = () => {};
  #stopping: Promise<void> | undefined;

  constructor(options: AgentOptions) {
    const { config } = options;
    this.#options = options;
    this.#trace = new Trace(options.time);
    this.#servers = new ServerLocator({
      transports: TRANSPORTS,
      dns: () => openSystemDns(config.net.dnsServers),
      inAddressOrder: (ends) => inAddressOrder(ends, this.#sixbed4.all.network),
      flowTo: (name, remote, domain) => this.#flowTo(name, remote, domain),
      refused: ({ kind }) => this.#metrics.drop(`${kind}-target`),
    });
    this.#sixbed4 = new Sixbed4({
      config: config.net.sixbed4,
      domains: config.accounts.map(({ domain }) => domain),
      link: options.engine.tunnel,
      dns: this.#servers,
      log: options.log,
      changed: (what) => this.#tunnelChanged(what),
      datagram: (octets, remote, local) => this.#transport?.fromTunnel(octets, remote, local),
      unsent: (ref, error) => this.#unsent(ref, codeInWords(error) ?? error),
    });
    this.#neighbours = new Neighbours({
      config,
      mac: options.mac,
      store: options.neighbours,
      besides: options.besides,
      log: options.log,
      sip: (input) => this.#loop.sip(input),
      phone: (input) => this.#loop.phone(input),
      dropped: (why) => this.#metrics.drop(why),
    });
    this.#locating = new Locating({
      neighbours: this.#neighbours,
      servers: this.#servers,
      flowTo: (name, remote, domain) => this.#flowTo(name, remote, domain),
      located: (ticket, way) => this.#loop.sip({ kind: 'located', ticket, ...way }),
      log: options.log,
    });
    this.#refused = new RefusedCalls(config.accounts, options.log);
    this.#line = new AnalogLine({
      country: config.country,
      command: (command) => options.engine.command(command),
      key: (event) => this.#loop.phone({ kind: 'hal', event }),
    });
    this.#resync = new ResyncDoor(options);
    this.#phone = newPhone(options, this.#neighbours.extension);
    this.#userAgent = newUserAgent(options, this.#neighbours.extension);
    this.#keeper = new ReachabilityKeeper(options.reachability, () => this.#userAgent.reachability);
    this.#loop = new Loop({
      sip: this.#userAgent,
      phone: this.#phone,
      perform: (effect) => this.#perform(effect),
      sipEvent: (event) => this.#sipEvent(event),
      sipCommand: (command) => this.#sipCommand(command),
      failed: (where, error) => this.#failed(where, error),
      drained: () => {
        this.#sixbed4.use((addresses) => this.#phone.uses(addresses));
        this.#resync.uses(!this.isIdle);
        this.#control.settled();
      },
    });
    this.#report = new Report({
      ...{ options, phone: this.#phone, userAgent: this.#userAgent, neighbours: this.#neighbours },
      ...{ sixbed4: this.#sixbed4, sound: this.#sound, metrics: this.#metrics },
      connections: () => this.#transport?.connections ?? 0,
    });
    this.#control = new AgentControl({
      phone: this.#phone,
      input: (input) => this.#loop.phone(input),
      hardware: options.hardware,
      engine: options.engine,
      status: () => this.#report.status(),
      trace: () => this.#trace.entries(),
      metrics: () => this.#report.metrics(),
      shownConfig: options.shownConfig,
      configPlaces: options.configPlaces ?? [],
    });
    this.control = this.#control;
  }

  /** Opens the network and registers. Rejects with NetError where the SIP port cannot be had. */
  async start(): Promise<void> {
    const { config, engine, hardware, devices, log } = this.#options;
    this.#transport = await Transport.open(
      { port: config.net.sipPort, tls: tlsOptions(config.net), tunnel: this.#sixbed4.tunnel },
      {
        message: (flow, octets) => this.#received(flow, octets),
        error: (ref, error) => this.#unsent(ref, error),
        dropped: (why) => this.#metrics.drop(why),
        connected: (ref) => this.#loop.sip({ kind: 'connected', ref }),
        closed: (flow) => this.#loop.sip({ kind: 'flow-closed', flow }),
      },
    );
    for (const problem of this.#transport.problems) log('warn', problem);
    if (this.#transport.port !== config.net.sipPort) {
      log('warn', `port ${config.net.sipPort} is in use; listening on ${this.#transport.port} instead`);
    }
    engine.onEvent((told) => {
      if (told.kind === 'statistics') this.#packets.told(told.session, told.statistics);
      const event = this.#line.engine(told);
      if (event?.kind === 'device') this.#loop.phone({ kind: 'hal', event: this.#sound.of(event, devices) });
      else if (event !== undefined) this.#loop.phone({ kind: 'media', event });
    });
    this.#watch = new NetworkWatch(
      {
        addresses: (addresses) => this.#networkChanged(addresses),
        resolvers: () => this.#resolversChanged(),
        watching: (how) => log('debug', `changes of the network are told by ${how}`),
      },
      this.#options.network,
    );
    this.#sixbed4.start(this.port, this.#watch.current);
    this.#tellNetwork();
    this.#keeper.start();
    await hardware.start((event) => {
      this.#options.onHands?.(event);
      this.#line.hardware(event, new Date((this.#options.time ?? Date.now)()));
      this.#loop.phone({ kind: 'hal', event });
    });
    this.#meeting = this.#meetNeighbours(this.#transport);
  }

  /** After the start: their key may have to be made. */
  async #meetNeighbours(transport: Transport): Promise<void> {
    const door = await openNeighbourDoor(this.#options, transport);
    this.#neighbours.start({ port: transport.port, ...door }, this.#sixbed4.all);
  }

  /** The port where SIP is heard, over UDP and TCP; 0 before `start`. */
  get port(): number {
    return this.#transport?.port ?? 0;
  }

  /** Whether nobody uses the telephone. */
  get isIdle(): boolean {
    return isIdle(this.#phone);
  }

  /** Where SIP is heard, for people; after `start`. */
  get listening(): string {
    const { families = [], tlsPort } = this.#transport ?? {};
    const accounts = this.#options.config.accounts.length;
    return listeningText({ port: this.port, tlsPort, families, accounts });
  }

  /** Shows a line on the display for `ms`, or a while; at most 20 characters. Empty: no longer. */
  notice(text: string, ms?: number): void {
    this.#loop.phone({ kind: 'notice', text, ...(ms === undefined ? {} : { ms }) });
  }

  /** What the clock on the display shows; undefined: nobody knows what time it is. */
  clock(shown: ShownTime | undefined): void {
    this.#loop.phone({ kind: 'clock', shown });
  }

  /** Tries the outputs, and tells how every part is then. Rejects with a reason for people where it cannot now. */
  async selftest(): Promise<readonly PartStatus[]> {
    await this.#selftest.run();
    return this.#report.status().hardware;
  }

  /** A person believes this neighbour of the status the key that it shows. Throws where it shows another, or none. */
  acceptNeighbour(key: string, fp: string | undefined): void {
    this.#neighbours.accept(key, fp);
    this.#control.settled();
  }

  /** Ends calls and registrations, then every socket and thread; within two seconds. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#watch?.close();
    this.#resync.close();
    this.#neighbours.close();
    this.#keeper.close();
    await new Promise<void>((resolve) => {
      const impatient = setTimeout(resolve, GOODBYE);
      this.#quiet = () => {
        clearTimeout(impatient);
        resolve();
      };
      this.#loop.sip({ kind: 'shut-down' });
    });
    this.#control.close();
    this.#selftest.over('the phone was switched off');
    this.#loop.stop();
    this.#servers.close();
    this.#sixbed4.close();
    await this.#meeting;
    await Promise.all([this.#transport?.close(), this.#options.engine.stop(), this.#options.hardware.stop()]);
  }

  /** What hangs on an address that is gone ends first, so that nobody goes on with it. */
  #networkChanged(addresses: OwnAddresses): void {
    this.#options.log('info', `the network has changed: ${textOfAddresses(addresses)}`);
    this.#transport?.addressesChanged();
    this.#servers.forget();
    this.#sixbed4.networkChanged(addresses);
    this.#tellNetwork();
  }

  /** With the tunnel other addresses come and go, on the same network. */
  #tunnelChanged(what: 'addresses' | 'details' | 'counters'): void {
    if (what === 'addresses') {
      const { addresses } = this.#sixbed4.tunnel;
      this.#options.log('info', `6bed4: ${addresses.join(' ') || 'no address'}`);
      this.#transport?.addressesChanged();
      this.#tellNetwork();
    } else if (what === 'details') this.#loop.phone({ kind: 'addresses', addresses: this.#sixbed4.local });
    else this.#control.settled();
  }

  #tellNetwork(): void {
    const { attachment, network } = this.#sixbed4.all;
    this.#neighbours.follow(this.#sixbed4.all);
    const all = network.addresses.map(({ address }) => address);
    this.#loop.sip({ kind: 'network-changed', attachment, addresses: all });
    this.#loop.phone({ kind: 'addresses', addresses: this.#sixbed4.local });
  }

  #resolversChanged(): void {
    this.#servers.forget();
    this.#loop.phone({ kind: 'resolvers' });
  }

  #received(flow: Flow, octets: Uint8Array): void {
    this.#passed('in', flow, octets);
    this.#loop.sip({ kind: 'received', flow, octets });
  }

  #unsent(ref: string, error: string): void {
    this.#metrics.count('dualtone_transport_errors_total');
    this.#options.log('debug', `not sent: ${error}`);
    this.#loop.sip({ kind: 'transport-error', ref, error });
  }

  #passed(direction: 'in' | 'out', flow: Flow, octets: Uint8Array): void {
    this.#metrics.count('dualtone_sip_messages_total', { direction, transport: flow.transport });
    this.#control.traced(this.#trace.add(direction, flow, octets));
  }

  #perform(effect: SipIo | PhoneIo): void {
    switch (effect.kind) {
      case 'send':
        this.#passed('out', effect.flow, effect.octets);
        this.#transport?.send(effect.flow, effect.octets, effect.ref);
        break;
      case 'connect':
        this.#transport?.connect(effect.flow, effect.ref);
        break;
      case 'disconnect':
        this.#transport?.disconnect(effect.ref);
        break;
      case 'locate':
        this.#locating.locate(effect.ticket, effect.hop);
        break;
      case 'dropped':
        this.#metrics.drop(effect.why);
        break;
      case 'resync':
      case 'monitored':
        this.#resync.told(effect);
        break;
      case 'quiet':
        this.#quiet();
        break;
      case 'media':
        this.#options.engine.command(effect.command);
        break;
      case 'hal':
        this.#options.hardware.perform(effect.command);
        break;
      case 'dialled':
        this.#control.dialled(effect.request, effect.call, effect.error);
        break;
      case 'selftest-over':
        this.#selftest.over(effect.error);
        break;
      case 'log':
        this.#options.log(effect.level, effect.text);
    }
  }

  async #flowTo(transport: Flow['transport'], remote: Endpoint, name: string): Promise<readonly Flow[]> {
    if (!this.#transport) throw new Error('the phone is switched off');
    if (transport !== 'tls') return this.#transport.flowsTo(transport, remote);
    return this.#transport.flowsTo(transport, remote, this.#neighbours.serverNameAt(remote, name));
  }

  /** Lets everything pass but an incoming call of an account whose calls are refused. */
  #sipEvent(event: SipEvent): SipInput | SipEvent {
    countEvent(event, this.#metrics);
    if (event.kind === 'registration') {
      this.#sixbed4.registered(event.account, event.flow?.local.address);
      if (event.date !== undefined) this.#options.onDate?.(event.date);
    }
    if (event.kind !== 'incoming') return event;
    const name = this.#neighbours.nameAt(event.flow.remote.address) ?? event.from.name;
    return this.#refused.incoming(event) ?? { ...event, from: { ...event.from, name } };
  }

  /** The same for an outgoing call: it ends before anything is sent. */
  #sipCommand(command: SipInput): SipInput | SipEvent {
    if (command.kind !== 'call') return command;
    this.#metrics.count('dualtone_calls_total', { direction: 'out' });
    return this.#refused.outgoing(command) ?? command;
  }

  #failed(where: string, error: unknown): void {
    this.#metrics.count('dualtone_faults_total', { where });
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#options.log('error', `${where}: ${text}`);
  }
}

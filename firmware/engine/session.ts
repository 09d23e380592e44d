/** One media session: what it sends and receives on its ports, and what it tells about itself. */
import { sampleCodecOf } from '#media/g711.ts';
import { MediaRemote } from '#media/remote.ts';
import { RtpReceiver } from '#media/rtp_receiver.ts';
import { type RtpSeed, RtpSender } from '#media/rtp_sender.ts';
import type { DtmfKey, EngineEvent, SessionParameters } from '#media/types.ts';
import type { PortPair } from './port_pair.ts';
import { RtcpSession } from './rtcp_session.ts';

const STATISTICS_MS = 1000;
const SILENT_STEP_MS = 2000;
/** Nothing for so long after something was heard: the path may be dead. */
const MISSED_MS = 500;
/** Between two suspicions. */
const SUSPECT_AGAIN_MS = 2000;

/** What a session needs of its ports. */
export type Ports = Pick<
  PortPair,
  'listen' | 'sendFrom' | 'sendRtp' | 'sendRtcp' | 'suspect' | 'close' | 'port'
>;

export interface SessionSurroundings {
  readonly tell: (event: EngineEvent) => void;
  /** Canonical name in RTCP (RFC 7022), ASCII. */
  readonly cname: Uint8Array;
  readonly seed: RtpSeed;
  /** 0–1. */
  readonly random: () => number;
  /** ms. */
  readonly now: () => number;
}

export class MediaSession {
  readonly name: string;
  readonly #ports: Ports;
  readonly #tell: (event: EngineEvent) => void;
  readonly #now: () => number;
  readonly #remote = new MediaRemote();
  readonly #sender: RtpSender;
  readonly #receiver: RtpReceiver;
  readonly #rtcp: RtcpSession;
  #parameters: SessionParameters | undefined;
  #sends = false;
  #receives = false;
  #expectedSince = 0;
  #silentSteps = 0;
  #suspectAgain = Number.NEGATIVE_INFINITY;
  #statisticsDue = 0;

  constructor(name: string, ports: Ports, surroundings: SessionSurroundings) {
    const { tell, cname, seed, random, now } = surroundings;
    this.name = name;
    this.#ports = ports;
    this.#tell = tell;
    this.#now = now;
    this.#sender = new RtpSender(seed);
    this.#receiver = new RtpReceiver((key, ms) => tell({ kind: 'dtmf', session: name, key, ms }));
    this.#rtcp = new RtcpSession(this.#sender, cname, random, now());
    ports.listen(
      (octets, address, port) => this.#receiveRtp(octets, address, port),
      (octets, address) => this.#receiveRtcp(octets, address),
    );
  }

  /** Sets or changes what offer and answer agreed on. */
  configure(parameters: SessionParameters): void {
    const codec = sampleCodecOf(parameters.codec);
    if (codec === undefined) {
      const error = `codec ${parameters.codec.name}/${parameters.codec.rate} is not built in; use PCMA or PCMU`;
      this.#tell({ kind: 'failed', session: this.name, error });
      return;
    }
    const { direction, remote, local, eventPayloadType } = parameters;
    this.#remote.negotiate(remote.address, remote.port);
    this.#ports.sendFrom(local);
    this.#sender.configure({ ...parameters, codec, payloadType: parameters.codec.payloadType });
    this.#receiver.configure([parameters.codec, ...parameters.receive], eventPayloadType);
    const received = this.#receives;
    this.#sends = direction === 'sendrecv' || direction === 'sendonly';
    this.#receives = direction === 'sendrecv' || direction === 'recvonly';
    if (this.#parameters === undefined || (this.#receives && !received)) this.#expectSound();
    if (this.#parameters === undefined) this.#statisticsDue = this.#now() + STATISTICS_MS;
    this.#parameters = parameters;
  }

  /** Sends a key for `ms` milliseconds. */
  press(key: DtmfKey, ms: number): void {
    if (this.#sends) this.#sender.press(key, ms);
  }

  /** One frame of 20 ms: `mouth` goes out, `ear` is filled with what was heard. */
  frame(mouth: Int16Array, ear: Int16Array, now: number): void {
    this.#send(mouth);
    this.#receiver.frame(ear, now);
    if (this.#parameters === undefined) return;
    const report = this.#rtcp.due(now, this.#receiver.reception);
    if (report !== undefined) this.#sendRtcp(report);
    if (now >= this.#statisticsDue) this.#tellStatistics();
    if (this.#receives) this.#watchSilence(now);
  }

  /** Time went by unused: the timestamps go on without us. */
  skip(frames: number): void {
    this.#sender.skip(frames);
  }

  /** Says goodbye and closes the ports. */
  close(): void {
    const heard = this.#receiver.reception;
    if (this.#parameters !== undefined) {
      this.#tellStatistics();
      if (this.#sender.packets > 0) this.#sendRtcp(this.#rtcp.report(this.#now(), heard, true));
    }
    this.#ports.close();
  }

  #send(mouth: Int16Array): void {
    if (!this.#sends || this.#remote.address === '') {
      this.#sender.skip(1);
      return;
    }
    const packet = this.#sender.frame(mouth);
    if (packet !== undefined) this.#ports.sendRtp(packet, this.#remote.address, this.#remote.port);
  }

  #sendRtcp(packet: Uint8Array): void {
    const explicit = this.#remote.latched ? undefined : this.#parameters?.remoteRtcp;
    const address = explicit?.address ?? this.#remote.address;
    if (address !== '') this.#ports.sendRtcp(packet, address, explicit?.port ?? this.#remote.port + 1);
  }

  #receiveRtp(octets: Uint8Array, address: string, port: number): void {
    if (!this.#receives) return;
    const header = this.#receiver.read(octets);
    if (header === undefined) return;
    const now = this.#now();
    if (!this.#remote.accepts(address, port, header.ssrc, header.sequence, now)) return;
    this.#receiver.receive(octets, now);
    this.#silentSteps = 0;
  }

  #receiveRtcp(octets: Uint8Array, address: string): void {
    if (this.#parameters !== undefined && this.#remote.isPeer(address))
      this.#rtcp.receive(octets, this.#now());
  }

  #tellStatistics(): void {
    this.#statisticsDue += STATISTICS_MS;
    const { received, lost, jitterMs } = this.#receiver;
    const { roundTripMs } = this.#rtcp;
    const statistics = { sent: this.#sender.packets, received, lost, jitterMs };
    this.#tell({
      kind: 'statistics',
      session: this.name,
      statistics: roundTripMs === undefined ? statistics : { ...statistics, roundTripMs },
    });
  }

  #expectSound(): void {
    this.#expectedSince = this.#now();
    this.#silentSteps = 0;
  }

  #watchSilence(now: number): void {
    const { heardAt } = this.#receiver;
    const ms = now - Math.max(this.#expectedSince, heardAt);
    if (ms >= MISSED_MS && heardAt > Number.NEGATIVE_INFINITY) this.#suspect(now);
    const steps = Math.floor(ms / SILENT_STEP_MS);
    if (steps <= this.#silentSteps) return;
    this.#silentSteps = steps;
    this.#tell({ kind: 'media-silent', session: this.name, ms: steps * SILENT_STEP_MS });
  }

  #suspect(now: number): void {
    if (now < this.#suspectAgain || this.#remote.address === '') return;
    this.#suspectAgain = now + SUSPECT_AGAIN_MS;
    this.#ports.suspect(this.#remote.address);
  }
}

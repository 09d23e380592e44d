/**
 * Answers for our records on one link (RFC 6762 6 to 9): the life of the names is publication.ts, the timing of answers
 * answers.ts. Messages in, messages out.
 */
import type { Endpoint } from '#address/endpoint.ts';
import { Answers } from './answers.ts';
import { EMPTY, type Message, type Question } from './message.ts';
import { sameName } from './name.ts';
import { Publication } from './publication.ts';
import { type DnsRecord, type RecordType, recordKey, sameRecord } from './record.ts';

export interface Outgoing {
  readonly message: Message;
  /** Absent: to all. */
  readonly to?: Endpoint;
}

export interface ResponderEvents {
  send(outgoing: Outgoing): void;
  /** These names belong to somebody else: publish others. */
  conflict(names: readonly string[]): void;
  /** Nobody has contradicted: what is published is ours. */
  established(): void;
}

export const MDNS_PORT = 5353;
/** ms, RFC 6762 6: answers that others may give as well are spread; those to a question whose known answers follow wait. */
const SHARED_DELAY = { least: 20, spread: 100 };
const TRUNCATED_DELAY = { least: 400, spread: 100 };
/** Seconds. RFC 6762 6.7: a legacy querier does not hear what we tell later. */
const LEGACY_TTL = 10;
/** RFC 6762 6.1, 10: seconds that a denial is believed. */
const NSEC_TTL = 120;

export class Responder {
  readonly #random: () => number;
  readonly #events: ResponderEvents;
  readonly #publication: Publication;
  readonly #answers = new Answers();

  constructor(random: () => number, isOurs: (record: DnsRecord) => boolean, events: ResponderEvents) {
    this.#random = random;
    this.#events = events;
    this.#publication = new Publication(random, isOurs);
  }

  get deadline(): number {
    return Math.min(this.#publication.deadline, this.#answers.deadline);
  }

  get isEstablished(): boolean {
    return this.#publication.told.length > 0;
  }

  get records(): readonly DnsRecord[] {
    return this.#publication.records;
  }

  publish(records: readonly DnsRecord[], now: number): void {
    const gone = this.#publication.publish(records, now);
    this.#answers.clear();
    this.#sayGoodbye(gone);
    this.tick(now);
  }

  /** The link was away. */
  restart(now: number): void {
    this.#answers.clear();
    this.#publication.restart(now);
  }

  /** RFC 6762 10.1: all of it is no more. */
  close(now: number): void {
    this.publish([], now);
  }

  tick(now: number): void {
    for (let step = this.#publication.step(now); step; step = this.#publication.step(now)) {
      if (step.kind === 'probe') this.#probe();
      else if (step.kind === 'announce') this.#tell(this.#publication.told, now);
      else this.#events.established();
    }
    for (const { records, to } of this.#answers.due(now)) {
      const message = { ...EMPTY, response: true, answers: records, additionals: this.#besides(records) };
      this.#events.send(to === undefined ? { message } : { message, to });
      if (to === undefined) this.#answers.told(message.additionals, now);
    }
  }

  /** Somebody's response. */
  response(message: Message, now: number): void {
    const records = [...message.answers, ...message.additionals];
    for (const record of records) this.#answers.wasTold(record);
    this.#correct(records, now);
    const lost = this.#publication.heard(records, now);
    if (lost.length > 0) this.#events.conflict(lost);
  }

  query(message: Message, from: Endpoint, now: number): void {
    for (const record of message.answers) this.#answers.isKnown(record, from);
    const lost = this.#publication.probed(
      message.questions.map(({ name }) => name),
      message.authorities,
      now,
    );
    if (lost.length > 0) this.#events.conflict(lost);
    if (from.port !== MDNS_PORT) this.#answerLegacy(message, from, now);
    else {
      for (const question of message.questions) this.#answer(question, message, from, now);
      this.tick(now);
    }
  }

  #answer(question: Question, message: Message, from: Endpoint, now: number): void {
    const records = this.#matching(question).filter((record) => !isKnownTo(message, record));
    if (records.length === 0) return;
    // 8.1: who probes has a name to lose, and waits but 250 ms.
    const defence = message.authorities.some(({ name }) => sameName(name, question.name));
    const due = now + this.#delay(records, message.truncated);
    for (const record of records) {
      // 5.4: to the asker alone, unless it is time that all hear it.
      if (question.unicast && this.#answers.isRecent(record, now)) this.#answers.write(record, due, from);
      else this.#answers.plan(record, due, from, defence);
    }
  }

  /** 6: at once what is ours alone, and after a pause what others may know as well. */
  #delay(records: readonly DnsRecord[], truncated: boolean): number {
    const shared = records.some(({ flush }) => !flush);
    const range = truncated ? TRUNCATED_DELAY : shared ? SHARED_DELAY : undefined;
    return range === undefined ? 0 : range.least + range.spread * this.#random();
  }

  /** 6.7: an answer as of plain DNS, with id and question, to where it was asked. */
  #answerLegacy(message: Message, from: Endpoint, now: number): void {
    const answers = message.questions.flatMap((question) => this.#matching(question));
    if (answers.length === 0 || !this.#answers.mayWrite(now)) return;
    const plain = (record: DnsRecord) => ({ ...record, flush: false, ttl: Math.min(record.ttl, LEGACY_TTL) });
    const { id, questions } = message;
    const legacy: Message = {
      ...EMPTY,
      id,
      response: true,
      questions: questions.map((question) => ({ ...question, unicast: false })),
      answers: answers.map(plain),
      additionals: this.#besides(answers).map(plain),
    };
    this.#events.send({ message: legacy, to: from });
  }

  /** Ours; where there are none of this type, and the name is ours alone, a record that says so (6.1). */
  #matching({ name, type }: Question): readonly DnsRecord[] {
    const named = this.#publication.told.filter((record) => sameName(record.name, name));
    const found = named.filter(({ data }) => type === 'ANY' || data.type === type);
    return found.length > 0 || !named.some(({ flush }) => flush) ? found : [denial(name, named)];
  }

  /** RFC 6763 12: what will be asked next. */
  #besides(records: readonly DnsRecord[]): readonly DnsRecord[] {
    const all = new Map(records.map((record) => [recordKey(record), record]));
    for (const { data } of all.values()) {
      const target = data.type === 'PTR' || data.type === 'SRV' ? data.target : undefined;
      if (target === undefined) continue;
      const named = this.#publication.told.filter(({ flush, name }) => flush && sameName(name, target));
      for (const record of named) all.set(recordKey(record), record);
      // 6.1: of a host that speaks one family it is said that it has no other.
      const denied = data.type === 'SRV' && named.length > 0 ? denial(target, named) : undefined;
      if (denied !== undefined) all.set(recordKey(denied), denied);
    }
    return [...all.values()].filter((record) => !records.includes(record));
  }

  /** 6.6: somebody tells our record with too short a time; all shall know better. */
  #correct(records: readonly DnsRecord[], now: number): void {
    const wrong = this.#publication.told.filter((own) =>
      records.some((record) => record.ttl * 2 < own.ttl && sameRecord(own, record)),
    );
    const anyone = { family: 4, address: '224.0.0.251', port: MDNS_PORT } as const;
    for (const record of wrong) this.#answers.plan(record, now, anyone, false);
  }

  /** 8.1, 8.2. Asked of all and answered to all: by unicast another responder of this host might get the answer (15.1). */
  #probe(): void {
    const { names, records } = this.#publication;
    const message: Message = {
      ...EMPTY,
      questions: names.map((name) => ({ name, type: 'ANY', unicast: false })),
      authorities: records.filter(({ flush }) => flush).map((record) => ({ ...record, flush: false })),
    };
    this.#events.send({ message });
  }

  #tell(records: readonly DnsRecord[], now: number): void {
    this.#answers.told(records, now);
    this.#events.send({ message: { ...EMPTY, response: true, answers: records } });
  }

  #sayGoodbye(records: readonly DnsRecord[]): void {
    if (records.length === 0) return;
    const answers = records.map((record) => ({ ...record, ttl: 0 }));
    this.#events.send({ message: { ...EMPTY, response: true, answers } });
  }
}

function isKnownTo({ answers }: Message, own: DnsRecord): boolean {
  return answers.some((known) => known.ttl * 2 >= own.ttl && sameRecord(known, own));
}

function denial(name: string, records: readonly DnsRecord[]): DnsRecord {
  const types: readonly RecordType[] = [...new Set(records.map(({ data }) => data.type))];
  return { name, ttl: NSEC_TTL, flush: true, data: { type: 'NSEC', next: name, types } };
}

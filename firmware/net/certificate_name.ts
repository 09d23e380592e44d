/**
 * Whom a certificate names, and whether that is the domain we called (RFC 5922 7.1 and 7.2): `sip:` URIs without a user
 * in subjectAltName; if there are none, its DNS names; if there is no subjectAltName at all, the common name. Names
 * match as a whole and wildcards match nothing: that is HTTP's rule, not SIP's.
 *
 * RFC 5922 knows domains only. A server that is called by its address may name that as an iPAddress.
 */
import { canonical, parseIp } from '#address/ip.ts';

/** The parts of node:tls's PeerCertificate that matter here. */
export interface Certificate {
  /** `DNS:a.example, URI:sip:b.example, IP Address:192.0.2.1`; a value with a comma or a quote in it is a JSON string. */
  readonly subjectaltname?: string | undefined;
  readonly subject?: { readonly CN?: string | readonly string[] | undefined } | undefined;
}

/** Domains and addresses for which its owner may speak, lower case, addresses in canonical text. */
export function sipIdentities(certificate: Certificate): readonly string[] {
  const names = certificate.subjectaltname;
  if (names === undefined || names === '') {
    const common = certificate.subject?.CN ?? [];
    return (typeof common === 'string' ? [common] : common).filter((name) => !parseIp(name)).map(normal);
  }
  const all = alternativeNames(names);
  const valuesOf = (type: string) => all.flatMap(([each, value]) => (each === type ? [value] : []));
  const uris = valuesOf('URI').flatMap(domainOfUri);
  const domains = uris.length > 0 ? uris : valuesOf('DNS').filter((name) => !parseIp(name));
  return [...domains, ...valuesOf('IP Address')].map(normal);
}

/** Whether it proves that its owner is `name`: a domain, or an address without brackets. */
export function certifies(certificate: Certificate, name: string): boolean {
  return sipIdentities(certificate).includes(normal(name));
}

/** `TYPE:value` or `TYPE:"value as JSON"`, with `, ` between. What is not of this form is nobody's name. */
const NAME = /([A-Za-z][A-Za-z ]*):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/gy;

function alternativeNames(text: string): readonly (readonly [type: string, value: string])[] {
  return [...text.matchAll(NAME)].map(([, type = '', value = '']) => [type, unquoted(value)]);
}

function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return '';
  }
}

/** `sip:example.net`, with or without port and parameters; nothing with a user names a domain. */
const DOMAIN_URI = /^sip:(\[[\da-f:.]+\]|[\w.-]+)(?::\d+)?(?:[;?].*)?$/i;

function domainOfUri(uri: string): readonly string[] {
  const [, host] = uri.includes('@') ? [] : (DOMAIN_URI.exec(uri) ?? []);
  return host === undefined ? [] : [host.replace(/^\[|\]$/g, '')];
}

function normal(name: string): string {
  return canonical(name) ?? name.toLowerCase().replace(/\.$/, '');
}

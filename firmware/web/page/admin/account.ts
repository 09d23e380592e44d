/** An account as the configuration has it, and as a form edits it. */
import type { Mapping } from '#provisioning/schema_shape.ts';

/** The fields of the form; every value is text there. */
export const FIELDS = [
  'user',
  'domain',
  'password',
  'displayName',
  'authUser',
  'outboundProxy',
  'port',
  'transport',
  'family',
  'srtp',
] as const;

export type FieldName = (typeof FIELDS)[number];
export type Draft = Readonly<Record<FieldName, string>>;

export const NEW: Draft = {
  user: '',
  domain: '',
  password: '',
  displayName: '',
  authUser: '',
  outboundProxy: '',
  port: '',
  transport: 'auto',
  family: 'auto',
  srtp: 'optional',
};

/** The accounts of the effective configuration. */
export function accountsOf(effective: unknown): readonly Mapping[] {
  const { accounts } = (effective ?? {}) as { readonly accounts?: unknown };
  return Array.isArray(accounts) ? (accounts as readonly Mapping[]) : [];
}

export function draftOf(account: Mapping): Draft {
  const entries = FIELDS.map((name) => [name, textOf(account[name])] as const);
  return { ...NEW, ...Object.fromEntries(entries.filter(([, text]) => text !== undefined)) };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** The account with what the form says; what the form does not show stays as it was. */
export function accountOf(draft: Draft, before: Mapping = {}): Mapping {
  const account: Record<string, unknown> = { ...before };
  for (const name of FIELDS) {
    const text = name === 'password' ? draft[name] : draft[name].trim();
    if (text !== '') account[name] = name === 'port' && /^\d+$/.test(text) ? Number(text) : text;
    // A password that stands in a file of its own is shown as none, and stays.
    else if (typeof before[name] !== 'object') delete account[name];
  }
  return account;
}

/** `alice@example.test`, for people. */
export function nameOf(account: Mapping): string {
  return `${account.user}@${account.domain}`;
}

/** The form of one account; what the telephone finds wrong stands at its field. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Finding } from '#provisioning/editing.ts';
import { visible } from '../text.ts';
import { type Draft, FIELDS, type FieldName } from './account.ts';
import { Alarm, Choice, Field } from './field.tsx';

interface Props {
  readonly title: string;
  readonly draft: Draft;
  /** JSON pointer of the account. */
  readonly at: string;
  readonly faults: readonly Finding[];
  readonly trouble: string | undefined;
  /** What to know before one types a password. */
  readonly hint: string | undefined;
  readonly onSave: (draft: Draft) => Promise<void>;
  readonly onCancel: () => void;
}

export function AccountForm({ title, draft: start, at, faults, trouble, hint, onSave, onCancel }: Props) {
  const [draft, setDraft] = useState(start);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  useEffect(() => form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus(), [faults]);
  const others = faults.filter(({ path }) => !FIELDS.some((name) => path === `${at}/${name}`));
  const part = (name: FieldName) => ({
    value: draft[name],
    onChange: (value: string) => setDraft({ ...draft, [name]: value }),
    fault: faults.find(({ path }) => path === `${at}/${name}`)?.reason,
  });
  return (
    <form
      ref={form}
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault();
        setBusy(true);
        void onSave(draft).finally(() => setBusy(false));
      }}
    >
      <h3>{title}</h3>
      <div class="fields">
        <Field label="User" hint="What stands before the @ of your address." required {...part('user')} />
        <Field
          label="Domain"
          hint="Such as pbx.example.net, or an IP address."
          required
          {...part('domain')}
        />
        <Field
          label="Password"
          type="password"
          autoComplete="new-password"
          hint={hint}
          {...part('password')}
        />
        <Field label="Name shown to others" {...part('displayName')} />
        <Field label="Name used with the password" hint="Where it is not the user." {...part('authUser')} />
        <Field label="Outbound proxy" hint="Such as sip:proxy.example.net;lr" {...part('outboundProxy')} />
        <Field
          label="Port"
          hint="Left empty, DNS tells the server of the domain and its port."
          inputMode="numeric"
          {...part('port')}
        />
        <Choice label="Transport" options={TRANSPORTS} {...part('transport')} />
        <Choice label="IP version" options={FAMILIES} {...part('family')} />
        <Choice label="Encrypted sound" options={SRTP} {...part('srtp')} />
      </div>
      {others.map(({ path, reason }) => (
        <Alarm key={`${path} ${reason}`}>
          {path !== '' && <code>{visible(path)}</code>} {visible(reason)}
        </Alarm>
      ))}
      {trouble !== undefined && <Alarm>{visible(trouble)}</Alarm>}
      <div class="buttons">
        <button type="submit" class="go" disabled={busy}>
          Save
        </button>
        <button type="button" class="small" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}

const TRANSPORTS = [
  ['auto', 'automatic'],
  ['udp', 'UDP'],
  ['tcp', 'TCP'],
  ['tls', 'TLS'],
] as const;

const FAMILIES = [
  ['auto', 'both'],
  ['ipv6', 'IPv6 only'],
  ['ipv4', 'IPv4 only'],
] as const;

const SRTP = [
  ['optional', 'where the other side can'],
  ['required', 'always'],
  ['off', 'never'],
] as const;

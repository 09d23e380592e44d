/** Whose calls the telephone takes: the accounts, and a form for each. */
import { useState } from 'preact/hooks';
import type { Finding } from '#provisioning/editing.ts';
import type { Mapping } from '#provisioning/schema_shape.ts';
import { visible } from '../text.ts';
import { accountOf, accountsOf, type Draft, draftOf, NEW, nameOf } from './account.ts';
import { AccountForm } from './account_form.tsx';
import { AccountState } from './account_state.tsx';
import { saveConfig, tell } from './actions.ts';
import { Alarm, focused } from './field.tsx';
import { useAdmin } from './state.ts';

/** Which account is being edited (its place in the list), `new`, or about to be removed. */
type Open =
  | { readonly kind: 'edit' | 'remove'; readonly index: number }
  | { readonly kind: 'add' }
  | undefined;

export function AccountsSection() {
  const config = useAdmin((state) => state.config);
  const states = useAdmin((state) => state.status?.accounts);
  const [open, setOpen] = useState<Open>(undefined);
  const [faults, setFaults] = useState<readonly Finding[]>([]);
  const [trouble, setTrouble] = useState<string | undefined>(undefined);
  if (config === null) return <p>Waiting for the phone …</p>;
  const accounts = accountsOf(config.effective);
  const said = config.places.find(({ at }) => at === '/accounts')?.said[0];

  const show = (what: Open) => {
    setOpen(what);
    setFaults([]);
    setTrouble(undefined);
  };
  const save = async (list: readonly Mapping[], done: string) => {
    setTrouble(undefined);
    try {
      const saved = await saveConfig({ accounts: list }, config.revision);
      if (saved.kind === 'refused') return setFaults(saved.faults);
      if (saved.kind === 'outdated')
        return setTrouble('The accounts were changed elsewhere meanwhile. Look again, then save.');
      show(undefined);
      tell(done);
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    }
  };
  const put = (index: number, draft: Draft, done: string) => {
    const list = [...accounts];
    list[index] = accountOf(draft, accounts[index]);
    return save(list, done);
  };
  const form = (index: number, draft: Draft, title: string, done: string) => (
    <AccountForm
      {...{ title, draft, trouble }}
      at={`/accounts/${index}`}
      faults={faults}
      hint={passwordHint(accounts[index]?.password)}
      onSave={(edited) => put(index, edited, done)}
      onCancel={() => show(undefined)}
    />
  );

  return (
    <>
      <ul class="cards">
        {accounts.map((account, index) => (
          <li class="panel" key={`${index} ${nameOf(account)}`}>
            {open?.kind === 'edit' && open.index === index ? (
              form(
                index,
                draftOf(account),
                `Edit ${visible(nameOf(account))}`,
                `${nameOf(account)} is saved.`,
              )
            ) : (
              <Account
                account={account}
                state={states?.find(({ aor }) => aor.replace(/^sips?:/, '') === nameOf(account))}
                asking={open?.kind === 'remove' && open.index === index}
                onEdit={() => show({ kind: 'edit', index })}
                onAsk={(asking) => show(asking ? { kind: 'remove', index } : undefined)}
                onRemove={() =>
                  save(
                    accounts.filter((_, each) => each !== index),
                    `${nameOf(account)} is removed.`,
                  )
                }
              />
            )}
          </li>
        ))}
      </ul>
      {accounts.length === 0 && open === undefined && <p class="none">None yet: direct calls only.</p>}
      {open?.kind === 'add' ? (
        <section class="panel">
          {form(accounts.length, NEW, 'Add an account', 'The account is added.')}
        </section>
      ) : (
        <div class="buttons">
          <button type="button" class="go" onClick={() => show({ kind: 'add' })}>
            Add an account
          </button>
        </div>
      )}
      {open?.kind === 'remove' && trouble !== undefined && <Alarm>{visible(trouble)}</Alarm>}
      {said !== undefined && said.origin !== 'local' && accounts.length > 0 && (
        <p class="hint">
          The list comes from {visible(said.from)}. Once it is changed here, this phone keeps its own.
        </p>
      )}
    </>
  );
}

function passwordHint(password: unknown): string | undefined {
  if (typeof password === 'object')
    return 'It stands in a file of its own; what you type here replaces that.';
  return typeof password === 'string' && password !== ''
    ? 'Asterisks stand for the present one, and keep it.'
    : undefined;
}

interface AccountProps {
  readonly account: Mapping;
  readonly state: Parameters<typeof AccountState>[0]['account'] | undefined;
  readonly asking: boolean;
  readonly onEdit: () => void;
  readonly onAsk: (asking: boolean) => void;
  readonly onRemove: () => void;
}

function Account({ account, state, asking, onEdit, onAsk, onRemove }: AccountProps) {
  const name = visible(nameOf(account));
  return (
    <>
      {state === undefined ? <bdi>{name}</bdi> : <AccountState account={state} />}
      {asking ? (
        <div class="buttons" role="alertdialog" aria-label={`Remove ${name}?`}>
          <span>Remove {name}?</span>
          <button type="button" class="end" onClick={onRemove} ref={focused}>
            Remove
          </button>
          <button type="button" class="small" onClick={() => onAsk(false)}>
            Keep
          </button>
        </div>
      ) : (
        <div class="buttons">
          <button type="button" class="small" onClick={onEdit} aria-label={`Edit ${name}`}>
            Edit
          </button>
          <button type="button" class="small" onClick={() => onAsk(true)} aria-label={`Remove ${name}`}>
            Remove
          </button>
        </div>
      )}
    </>
  );
}

/** One account as its registrar sees it. */
import type { AccountStatus } from '#phone/types.ts';
import { visible } from '../text.ts';
import { duration, FAMILIES } from './facts.tsx';

export function AccountState({ account }: { readonly account: AccountStatus }) {
  const { aor, state, family, encapsulated, transport, target, expires, error } = account;
  return (
    <>
      <span class="dot" data-state={state} />
      <bdi>{visible(aor)}</bdi>
      <small>
        {state}
        {family && ` · ${FAMILIES[family]}`}
        {encapsulated && ` over ${encapsulated}`}
        {transport && ` · ${transport.toUpperCase()}`}
        {target && ` · ${visible(target)}`}
        {expires !== null && ` · renewed within ${duration(expires)}`}
        {error !== null && (
          <>
            {' · '}
            <span class="reason" data-state={state}>
              {visible(error)}
            </span>
          </>
        )}
      </small>
    </>
  );
}

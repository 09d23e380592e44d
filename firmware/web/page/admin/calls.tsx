/** Calls of this run, the newest first. */
import type { CallStatus } from '#phone/types.ts';
import { visible } from '../text.ts';
import { FAMILIES } from './facts.tsx';
import { useAdmin } from './state.ts';

export function CallsSection() {
  const calls = useAdmin((state) => state.status?.calls);
  return (
    <section class="panel">
      {(calls === undefined || calls.length === 0) && <p class="none">No call yet.</p>}
      <ul class="rows">
        {calls?.toReversed().map((call) => (
          <li key={call.id}>
            <Call call={call} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Call({
  call: { direction, name, peer, state, cause, signalling, media },
}: {
  readonly call: CallStatus;
}) {
  return (
    <>
      <span class="way" data-way={direction} aria-hidden="true">
        {direction === 'in' ? '↙' : '↗'}
      </span>{' '}
      <bdi>{visible(name ?? peer)}</bdi> <b class="outcome">{cause === undefined ? state : visible(cause)}</b>
      <small>
        {direction === 'in' ? 'incoming' : 'outgoing'}
        {name !== undefined && (
          <>
            {' · '}
            <bdi>{visible(peer)}</bdi>
          </>
        )}
        {signalling && ` · SIP ${FAMILIES[signalling.family]} ${signalling.transport.toUpperCase()}`}
      </small>
      {media && (
        <small>
          {media.codec} {FAMILIES[media.family]} · {media.sent} sent, {media.received} received, {media.lost}{' '}
          lost · jitter {media.jitterMs.toFixed(1)} ms
        </small>
      )}
    </>
  );
}

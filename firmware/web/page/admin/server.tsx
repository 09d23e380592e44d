/** Who gives this telephone its configuration; another one may only with the owner's word. */
import { useState } from 'preact/hooks';
import { visible } from '../text.ts';
import { approveServer, tell } from './actions.ts';
import { Fact, Facts } from './facts.tsx';
import { Alarm } from './field.tsx';
import { useAdmin } from './state.ts';

export function Server() {
  const { server, refused, changes } = useAdmin((state) => state.server);
  const [trouble, setTrouble] = useState<string | undefined>(undefined);
  const approve = async (host: string) => {
    setTrouble(undefined);
    try {
      await approveServer(host);
      tell(`${visible(host)} may give this phone its configuration from now on.`);
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <section class="panel" aria-labelledby="server">
      <h3 id="server">Server</h3>
      <Facts>
        <Fact name="The configuration comes from">
          {server === undefined
            ? 'no server: defaults, files on the phone and what is changed below'
            : visible(server)}
        </Fact>
        {refused !== undefined && <Fact name="Not taken">{visible(refused)}</Fact>}
      </Facts>
      <ul class="rows">
        {changes.map(({ host, from, reason }) => (
          <li key={host}>
            <b>{visible(host)}</b> wants to be the server.
            <small>
              {visible(from)}: {visible(reason)}
            </small>
            <div class="buttons">
              <button type="button" class="small" onClick={() => void approve(host)}>
                Let {visible(host)} be the server
              </button>
            </div>
          </li>
        ))}
      </ul>
      {trouble !== undefined && <Alarm>{visible(trouble)}</Alarm>}
    </section>
  );
}

/** One value that components follow: replaced at each change, never altered. */
import { useEffect, useState } from 'preact/hooks';

export interface Observable<S> {
  current(): S;
  change(part: Partial<S>): void;
  /** A component that draws what `select` takes of it, again whenever that is another. */
  use<T>(select: (state: S) => T): T;
}

export function observable<S extends object>(start: S): Observable<S> {
  let state = start;
  const listeners = new Set<() => void>();
  const change = (part: Partial<S>): void => {
    state = { ...state, ...part };
    for (const listener of listeners) listener();
  };
  const use = <T>(select: (state: S) => T): T => {
    const [, redraw] = useState({});
    useEffect(() => {
      let before = select(state);
      const listener = () => {
        const now = select(state);
        if (now !== before) redraw({});
        before = now;
      };
      listeners.add(listener);
      // Something may have changed between drawing and listening.
      redraw({});
      return () => listeners.delete(listener);
    }, []);
    return select(state);
  };
  return { current: () => state, change, use };
}

/** Loads what a tunnel is made of when the first one is wanted: most telephones never want one. */
import type { OpenTunnel } from './inner_tunnel.ts';

export class LateTunnel {
  #openTunnel: OpenTunnel | undefined;
  #loading: Promise<void> | undefined;
  #ended = false;

  readonly open: OpenTunnel = (options) => {
    if (this.#openTunnel === undefined) throw new Error('the tunnel is not loaded yet');
    return this.#openTunnel(options);
  };

  /** In the order of the calls. */
  whenLoaded(run: () => void): void {
    if (this.#openTunnel !== undefined) {
      run();
      return;
    }
    this.#loading ??= this.#load();
    void this.#loading.then(() => {
      if (!this.#ended) run();
    });
  }

  end(): void {
    this.#ended = true;
  }

  async #load(): Promise<void> {
    const { openTunnel } = await import('#socket6bed4/socket/tunnel.ts');
    this.#openTunnel = openTunnel;
  }
}

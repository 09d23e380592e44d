/** Where sound goes: a table of mixer controls for each route, set through whatever mixer there is. */

/** What a control is set to; what it does not have is left out. */
export interface ControlSetting {
  /** Simple control, as `amixer scontrols` names it. */
  readonly control: string;
  readonly on?: boolean;
  /** 0–1 of its range. */
  readonly level?: number;
  /** Of an enumerated control. */
  readonly item?: string;
}

export interface RoutePlan {
  readonly controls: readonly ControlSetting[];
  /** The control that is this route's volume; absent: sound is scaled before it reaches the card. */
  readonly volume?: string;
}

export interface Mixer {
  /** False where there is no such control. */
  set(setting: ControlSetting): boolean;
}

export class Routes<Name extends string = string> {
  readonly #mixer: Mixer;
  readonly #plans: Readonly<Partial<Record<Name, RoutePlan>>>;
  #plan: RoutePlan | undefined;
  #volume = Number.NaN;

  constructor(mixer: Mixer, plans: Readonly<Partial<Record<Name, RoutePlan>>>) {
    this.#mixer = mixer;
    this.#plans = plans;
  }

  /** Sets the controls of a route in their order; those that the card does not have. */
  take(name: Name): readonly string[] {
    this.#plan = this.#plans[name];
    const absent = (this.#plan?.controls ?? []).filter((setting) => !this.#mixer.set(setting));
    if (!Number.isNaN(this.#volume)) this.#apply();
    return absent.map(({ control }) => control);
  }

  /** 0–1, on the route that is taken and on those taken later. */
  set volume(level: number) {
    this.#volume = Math.min(1, Math.max(0, level));
    this.#apply();
  }

  #apply(): void {
    const control = this.#plan?.volume;
    if (control !== undefined) this.#mixer.set({ control, level: this.#volume });
  }
}

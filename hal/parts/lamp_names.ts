/** What the lamps of a board profile are called: each is one that the telephone drives (phone/panel.ts). */
export const LAMP_NAMES = ['status', 'line', 'mute', 'speaker', 'headset'] as const;

export type LampName = (typeof LAMP_NAMES)[number];

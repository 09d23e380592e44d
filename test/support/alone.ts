/** What keeps a telephone of a test to itself: it asks nobody on the LAN for a configuration, and nobody finds it. */
export const ALONE = { provisioning: { mode: 'off' }, neighbours: { mode: 'off' } } as const;

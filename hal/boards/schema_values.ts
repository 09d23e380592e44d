/** Values that several parts of a board profile have. */
import * as v from 'valibot';
import { KEY_NAMES } from '../parts/key_names.ts';
import { LAMP_NAMES } from '../parts/lamp_names.ts';

/** Of a line within the board's GPIO chip: on a Raspberry Pi the BCM number. */
export const line = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(63));

export const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(10_000));

export const keyName = v.picklist(KEY_NAMES);

export const lampName = v.picklist(
  LAMP_NAMES,
  `is no lamp of a telephone: those are ${LAMP_NAMES.join(', ')}`,
);

/** What a break of the loop has to last to be a flash. */
export const flash = v.pipe(
  v.strictObject({ min: milliseconds, max: milliseconds }),
  v.check(({ min, max }) => min < max, 'min has to be less than max, or no break is a flash'),
);

export const coding = v.picklist(['standard', 'SE', 'NZ']);

const AN_ADDRESS = 'wants text such as "0x27", with quotes, from "0x00" to "0x7f"';

/** Of an I2C device, as makers write it; JSON has no hexadecimal numbers. */
export const address = v.pipe(
  v.string(AN_ADDRESS),
  v.regex(/^0x[0-7][0-9a-f]$/, AN_ADDRESS),
  v.transform(Number),
);

/** A contact between a line and ground (`active` low) or the supply (high). */
export const contactKeys = {
  line,
  /** Voltage of the line while the contact is closed. */
  active: v.optional(v.picklist(['low', 'high']), 'low'),
  /** Absent: against the contact. */
  bias: v.optional(v.picklist(['pull-up', 'pull-down', 'off'])),
};

export const pwmChannel = v.strictObject({
  /** Device names of the chip, the first one found: `fe20c000.pwm`. */
  chip: v.pipe(v.array(v.string()), v.minLength(1)),
  channel: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(7)),
});

export const output = v.strictObject({
  line,
  active: v.optional(v.picklist(['high', 'low']), 'high'),
});

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

const route = v.strictObject({
  controls: v.array(
    v.strictObject({
      control: v.string(),
      on: v.exactOptional(v.boolean()),
      /** Of its range. */
      level: v.exactOptional(share),
      item: v.exactOptional(v.string()),
    }),
  ),
  /** The control that is the volume there; absent: sound is scaled before it reaches the card. */
  volume: v.exactOptional(v.string()),
});

/** A card's mixer, and what its controls are set to where sound goes. */
export const mixer = v.strictObject({
  card: v.string(),
  routes: v.strictObject({
    handset: v.exactOptional(route),
    speaker: v.exactOptional(route),
    headset: v.exactOptional(route),
  }),
});

/**
 * What a board profile says: which parts a telephone has, on which lines and buses they are. The JSON Schema next to it
 * is written from it (`node tools/json_schema.ts`). Conflicts between parts are found in conflicts.ts.
 */
import * as v from 'valibot';
import { amplifier, bell, lineInterface } from './schema_outputs.ts';
import {
  address,
  coding,
  contactKeys,
  flash,
  keyName,
  lampName,
  line,
  milliseconds,
  mixer,
  output,
} from './schema_values.ts';

export const BOARD_SCHEMA = 'dualtone.board/1';

const hook = v.strictObject({
  kind: v.literal('hook'),
  ...contactKeys,
  /** What the contact is while the handset is lifted. */
  offHook: v.optional(v.picklist(['closed', 'open']), 'closed'),
  debounce: v.optional(milliseconds),
  /** Absent: the country's window. */
  flash: v.optional(flash),
});

const keypad = v.strictObject({
  kind: v.literal('keypad'),
  rows: v.pipe(v.array(line), v.minLength(1)),
  columns: v.pipe(
    v.array(line),
    v.minLength(1),
    v.check(({ length }) => length <= 31, 'a word has room for 31 columns'),
  ),
  /** By row and column; null: there is no key. */
  keys: v.array(v.array(v.nullable(keyName))),
  /** ms from driving a row to reading its columns: long wires and the laboratory's fingers need some. */
  settle: v.optional(milliseconds, 0.02),
  debounce: v.optional(milliseconds),
  /** Every key has its diode. */
  diodes: v.optional(v.boolean(), false),
});

const expanderPin = v.pipe(
  v.string(),
  v.regex(/^[AB][0-7]$/, 'pins are called "A0" to "A7" and "B0" to "B7"'),
);

const expanderKeypad = v.strictObject({
  kind: v.literal('keypad-mcp23017'),
  address,
  /** The line of its INTA; absent: it is asked again and again. */
  interrupt: v.optional(line),
  rows: v.pipe(v.array(expanderPin), v.minLength(1)),
  columns: v.pipe(v.array(expanderPin), v.minLength(1)),
  keys: v.array(v.array(v.nullable(keyName))),
  /** Keys from a pin to ground. */
  single: v.optional(v.array(v.strictObject({ pin: expanderPin, key: keyName })), []),
  /** Lamps from a pin, by a resistor, to ground. */
  lamps: v.optional(v.array(v.strictObject({ pin: expanderPin, name: lampName })), []),
  debounce: v.optional(milliseconds),
});

const keys = v.strictObject({
  kind: v.literal('keys'),
  keys: v.pipe(v.array(v.strictObject({ ...contactKeys, key: keyName })), v.minLength(1)),
  debounce: v.optional(milliseconds),
});

const encoder = v.strictObject({
  kind: v.literal('encoder'),
  a: v.strictObject(contactKeys),
  b: v.strictObject(contactKeys),
  /** Quarter steps from one detent to the next. */
  quarters: v.optional(v.picklist([1, 2, 4]), 4),
});

const dialContact = v.strictObject({
  ...contactKeys,
  /** What it is while the dial is at rest; `dualtone selftest` finds out. */
  contact: v.picklist(['normally-closed', 'normally-open']),
});

const dial = v.strictObject({
  kind: v.literal('dial'),
  pulse: dialContact,
  offNormal: v.optional(dialContact),
  /** Absent: the country's. */
  coding: v.optional(coding),
});

const headset = v.strictObject({
  kind: v.literal('headset'),
  ...contactKeys,
  /** What the contact of the socket is while a plug is in it. */
  plugged: v.optional(v.picklist(['closed', 'open']), 'closed'),
  debounce: v.optional(milliseconds),
});

const lamps = v.strictObject({
  kind: v.literal('lamps'),
  lamps: v.pipe(v.array(v.strictObject({ name: lampName, ...output.entries })), v.minLength(1)),
});

const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(256));

const characterDisplay = v.strictObject({
  kind: v.literal('display-hd44780'),
  address,
  columns: count,
  lines: v.picklist([1, 2, 4]),
  /** False: it is dark, also where its module has a light. */
  backlight: v.optional(v.boolean(), true),
});

const graphicDisplay = v.strictObject({
  kind: v.literal('display-ssd1306'),
  address,
  controller: v.optional(v.picklist(['ssd1306', 'sh1106']), 'ssd1306'),
  width: count,
  height: count,
  /** Mounted upside down. */
  rotated: v.optional(v.boolean(), false),
  /** Absent: the larger one in which four lines fit. */
  font: v.exactOptional(v.picklist(['tall', 'small'])),
  /** Absent: as the controller's maker says. */
  contrast: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))),
});

export const partSchema = v.variant('kind', [
  hook,
  keypad,
  expanderKeypad,
  keys,
  encoder,
  dial,
  headset,
  lamps,
  characterDisplay,
  graphicDisplay,
  bell,
  amplifier,
  lineInterface,
]);

const common = {
  $schema: v.optional(v.string()),
  schema: v.literal(BOARD_SCHEMA),
  /** What `--board` calls it. */
  name: v.pipe(
    v.string(),
    v.regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'may have small letters, digits and dashes, 40 at most'),
  ),
  description: v.string(),
};

const simulated = v.strictObject({
  ...common,
  driver: v.literal('sim'),
  parts: v.array(v.string()),
  display: v.strictObject({ columns: count, lines: count }),
});

const linux = v.strictObject({
  ...common,
  driver: v.literal('linux'),
  gpio: v.strictObject({
    /** Labels of the chip whose lines are meant: the first one found. Numbers of chips change. */
    chip: v.pipe(v.array(v.string()), v.minLength(1)),
  }),
  i2c: v.optional(
    v.strictObject({
      /** Number, or the beginning of the adapter's name. */
      bus: v.union([v.pipe(v.number(), v.integer(), v.minValue(0)), v.string()]),
    }),
  ),
  sound: v.optional(
    v.strictObject({
      /** ALSA names, or those of the configuration's `audio`. */
      input: v.string(),
      output: v.string(),
      /** By which wires the card hangs on the board; `i2s` takes lines of it. */
      by: v.optional(v.picklist(['usb', 'i2s', 'other']), 'usb'),
      /** Of the codec, where it is on the board's I2C bus. */
      address: v.optional(address),
      period: v.exactOptional(v.picklist([10, 20])),
      /** dB by which one's own voice is heard in one's ear; absent: not at all. */
      sidetone: v.exactOptional(v.pipe(v.number(), v.minValue(-60), v.maxValue(0))),
      mixer: v.exactOptional(mixer),
    }),
  ),
  parts: v.array(partSchema),
});

export const boardSchema = v.variant('driver', [simulated, linux]);

export type BoardProfile = v.InferOutput<typeof boardSchema>;
export type SimulatedBoard = v.InferOutput<typeof simulated>;
export type LinuxBoard = v.InferOutput<typeof linux>;
export type PartProfile = LinuxBoard['parts'][number];
export type PartKind = PartProfile['kind'];
/** The profile of one kind of part. */
export type ProfileOf<Kind extends PartKind> = Extract<PartProfile, { kind: Kind }>;

/** What is wrong with a board profile is said with its place, and nothing else is. */
import test from 'ava';
import {
  BUZZER,
  board,
  EXPANDER,
  HOOK,
  I2C,
  I2S,
  KEYPAD,
  LCD,
  OLED,
  problems,
  SLIC,
} from './board_pieces.ts';

for (const [why, value, expected] of [
  [
    'a line twice',
    board([HOOK, { kind: 'headset', line: 17 }]),
    '/parts/1/line: line 17 is taken by hook (/parts/0/line)',
  ],
  [
    'the EEPROM of add-on boards',
    board([{ ...HOOK, line: 1 }]),
    '/parts/0/line: line 1 belongs to the EEPROM of add-on boards',
  ],
  [
    'the serial console',
    board([{ ...HOOK, line: 15 }]),
    '/parts/0/line: line 15 belongs to the serial console',
  ],
  [
    'a line of the I2C bus in use',
    board([{ ...HOOK, line: 2 }, OLED], I2C),
    '/parts/0/line: line 2 belongs to the I2C bus of this board',
  ],
  [
    'a line of I2S',
    board([{ ...HOOK, line: 20 }], I2S),
    '/parts/0/line: line 20 belongs to the sound card on I2S',
  ],
  [
    'a line beyond the header',
    board([{ ...HOOK, line: 40 }]),
    '/parts/0/line: line 40 is not on the header, which has 0 to 27',
  ],
  [
    'an address twice',
    board([OLED, { kind: 'display-hd44780', address: '0x3c', columns: 20, lines: 4 }], I2C),
    '/parts/1/address: I2C address 0x3c is taken by ssd1306 (/parts/0/address)',
  ],
  [
    'the codec at the address of a display',
    board([OLED], { ...I2C, sound: { input: 'a', output: 'a', address: '0x3c' } }),
    '/sound/address: I2C address 0x3c is taken by ssd1306 (/parts/0/address)',
  ],
  [
    'a PWM channel twice',
    board([BUZZER, SLIC]),
    '/parts/1/pwm/channel: PWM channel 0 is taken by buzzer (/parts/0/pwm/channel)',
  ],
  [
    'a PWM channel on a line that it does not reach',
    board([{ ...BUZZER, line: 13 }]),
    '/parts/0/pwm/channel: PWM channel 0 comes out at 12, 18, not at 13',
  ],
  [
    'a PWM channel that is elsewhere on a Raspberry Pi 5',
    board([{ ...SLIC, pwm: { chip: ['fe20c000.pwm', '1f00098000.pwm'], channel: 0 } }]),
    '/parts/0/pwm/channel: PWM channel 0 comes out at 12 of a Raspberry Pi 5, not at 18',
  ],
  ['a display without a bus', board([OLED]), '/i2c: is missing, and ssd1306 (/parts/0/address) hangs on it'],
  [
    'a matrix with a row too few',
    board([{ ...KEYPAD, keys: [['1']] }]),
    '/parts/0/keys: wants 2 rows of 1 keys',
  ],
  [
    'a matrix with a key too many',
    board([{ ...KEYPAD, keys: [['1', '2'], ['3']] }]),
    '/parts/0/keys: wants 2 rows of 1 keys',
  ],
  [
    'a pin of the expander twice',
    board([{ ...EXPANDER, lamps: [{ pin: 'B0', name: 'line' }] }], I2C),
    '/parts/0/lamps/0/pin: pin B0 is taken twice',
  ],
  [
    'an expander at the address of none',
    board([{ ...EXPANDER, address: '0x30' }], I2C),
    '/parts/0/address: an MCP23017 has one of 0x20 to 0x27, not 0x30',
  ],
  [
    'a character display at the address of no port',
    board([{ ...LCD, address: '0x28' }], I2C),
    '/parts/0/address: a PCF8574 has one of 0x20 to 0x27 or 0x38 to 0x3f, not 0x28',
  ],
  [
    'a display of pixels at the address of none',
    board([{ ...OLED, address: '0x3e' }], I2C),
    '/parts/0/address: such a display has one of 0x3c to 0x3d, not 0x3e',
  ],
  [
    'more characters than the chip remembers',
    board([{ ...LCD, columns: 40 }], I2C),
    '/parts/0/columns: 40 x 4 are 160 characters; an HD44780 has memory for 80',
  ],
  [
    'a single line of unequal halves',
    board([{ ...LCD, columns: 15, lines: 1 }], I2C),
    '/parts/0/columns: 15 is odd; a single line is wired as two halves of equal length',
  ],
  [
    'a display wider than its controller',
    board([{ ...OLED, width: 132 }], I2C),
    '/parts/0/width: the SSD1306 has 128 columns, not 132',
  ],
  [
    'a display higher than its controller',
    board([{ ...OLED, height: 128 }], I2C),
    '/parts/0/height: the SSD1306 has 64 rows, not 128',
  ],
  [
    'a display that ends within a page',
    board([{ ...OLED, height: 60 }], I2C),
    '/parts/0/height: rows come in pages of 8; 60 are none',
  ],
  [
    'a key on a pin that cannot hear',
    board([{ ...EXPANDER, single: [{ pin: 'A7', key: 'mute' }] }], I2C),
    '/parts/0/single/0/pin: pin A7 of an MCP23017 can be an output only: a lamp may be there',
  ],
  [
    'a way of caller ID that there is not',
    board([{ ...SLIC, fr: 12, callerId: 'telepathy' }]),
    '/parts/0/callerId: ',
  ],
  [
    'a burst that heats the coil',
    board([{ kind: 'bell', driver: 'coil', a: 17, b: 27, burst: 5000 }]),
    '/parts/0/burst: Invalid value: Expected <=2000 but received 5000',
  ],
  [
    'a name of no key',
    board([{ kind: 'keys', keys: [{ line: 4, key: 'speeker' }] }]),
    '/parts/0/keys/0/key: ',
  ],
  [
    'a lamp that the telephone does not drive',
    board([{ kind: 'lamps', lamps: [{ line: 4, name: 'messages' }] }]),
    '/parts/0/lamps/0/name: is no lamp of a telephone: those are status, line, mute, speaker, headset',
  ],
  [
    'such a lamp on the expander',
    board([{ ...EXPANDER, lamps: [{ pin: 'B1', name: 'Line' }] }], I2C),
    '/parts/0/lamps/0/name: is no lamp of a telephone: those are status, line, mute, speaker, headset',
  ],
  [
    'a lamp twice',
    board([
      {
        kind: 'lamps',
        lamps: [
          { line: 4, name: 'line' },
          { line: 5, name: 'line' },
        ],
      },
    ]),
    '/parts/0/lamps/1/name: the lamp line is there already (/parts/0/lamps/0/name)',
  ],
  [
    'a lamp of the expander twice',
    board([{ ...EXPANDER, lamps: ['B1', 'B2'].map((pin) => ({ pin, name: 'mute' })) }], I2C),
    '/parts/0/lamps/1/name: the lamp mute is there already (/parts/0/lamps/0/name)',
  ],
  [
    'a key twice in its matrix',
    board([
      {
        ...KEYPAD,
        columns: [12, 13],
        keys: [
          ['1', null],
          [null, '1'],
        ],
      },
    ]),
    '/parts/0/keys/1/1: the key 1 is there already (/parts/0/keys/0/0)',
  ],
  [
    'a key twice among keys',
    board([{ kind: 'keys', keys: [4, 5].map((line) => ({ line, key: 'mute' })) }]),
    '/parts/0/keys/1/key: the key mute is there already (/parts/0/keys/0/key)',
  ],
  [
    'a key of the matrix beside it on the expander',
    board([{ ...EXPANDER, single: [{ pin: 'A5', key: '1' }] }], I2C),
    '/parts/0/single/0/key: the key 1 is there already (/parts/0/keys/0/0)',
  ],
  [
    'an unknown key of the profile',
    board([{ ...HOOK, pin: 4 }]),
    '/parts/0/pin: is no key of a board profile',
  ],
  ['an unknown part', board([{ kind: 'hoook', line: 17 }]), '/parts/0/kind: '],
  ['a part without its line', board([{ kind: 'hook' }]), '/parts/0/line: is missing'],
  ['no driver', { ...board([]), driver: undefined }, '/driver: is missing: one of ("sim" | "linux")'],
  [
    'an address as a number',
    board([{ ...OLED, address: 60 }], I2C),
    '/parts/0/address: wants text such as "0x27", with quotes',
  ],
  [
    'an address that no device has',
    board([{ ...OLED, address: '0x99' }], I2C),
    '/parts/0/address: wants text such as "0x27", with quotes',
  ],
  [
    'a pin that the expander has not',
    board([{ ...EXPANDER, rows: ['C0'] }], I2C),
    '/parts/0/rows/0: pins are called "A0" to "A7"',
  ],
  ['a name with blanks', { ...board([HOOK]), name: 'My phone' }, '/name: may have small letters, digits'],
  [
    'a flash whose ends are swapped',
    board([{ ...HOOK, flash: { min: 600, max: 80 } }]),
    '/parts/0/flash: min has to be less than max',
  ],
  [
    'two hooks',
    board([HOOK, { kind: 'hook', line: 4 }]),
    '/parts/1: a telephone has one handset, which is that of hook (/parts/0)',
  ],
  [
    'a hook beside a line',
    board([{ ...SLIC, fr: 12 }, HOOK]),
    '/parts/1: a telephone has one handset, which is that of line-interface (/parts/0)',
  ],
  [
    'a text where a number belongs',
    board([{ ...HOOK, line: '17' }]),
    '/parts/0/line: Invalid type: Expected number but received "17"',
  ],
  ['no chip', board([HOOK], { gpio: { chip: [] } }), '/gpio/chip: Invalid length'],
  ['an unknown driver', { ...board([]), driver: 'windows' }, '/driver: '],
] as const) {
  test(`a profile with ${why} is refused where it is wrong`, (t) => {
    const [first = '', ...others] = problems(value);
    t.true(first.startsWith(expected), first);
    t.deepEqual(others, []);
  });
}

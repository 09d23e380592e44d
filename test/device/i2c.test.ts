import { checkInGuest } from './checked.ts';
import { checks } from './inside/i2c.ts';

checkInGuest('i2c.ts', checks, { modules: ['i2c-stub chip_addr=0x27'] });

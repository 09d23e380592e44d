import { checkInGuest } from './checked.ts';
import { checks } from './inside/gpio.ts';

checkInGuest('gpio.ts', checks);

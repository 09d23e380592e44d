import { checkInGuest } from './checked.ts';
import { checks } from './inside/pwm.ts';

checkInGuest('pwm.ts', checks);

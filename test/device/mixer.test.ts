import { checkInGuest } from './checked.ts';
import { checks } from './inside/mixer.ts';

checkInGuest('mixer.ts', checks, { modules: ['snd-dummy'] });

import { checkInGuest } from './checked.ts';
import { checks } from './inside/lab.ts';
import { builtKernel, labModule } from './kernel.ts';

const modules = builtKernel() === undefined ? [] : [labModule()];
checkInGuest('lab.ts', checks, { modules });

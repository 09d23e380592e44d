import { roaming } from '/work/main/test/lab/scenarios/roaming.ts';

for (const t of await roaming(process.argv.slice(2), 2)) console.log(JSON.stringify(t));

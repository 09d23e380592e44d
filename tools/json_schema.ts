/** Writes provisioning/dualtone.config.schema.json anew: `node tools/json_schema.ts`. */
import { writeFileSync } from 'node:fs';
import { configJsonSchema } from '#provisioning/json_schema.ts';

const file = new URL('../provisioning/dualtone.config.schema.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);

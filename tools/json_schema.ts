/** Writes the published JSON Schemas anew: `node tools/json_schema.ts`. */
import { writeFileSync } from 'node:fs';
import { BOARD_SCHEMA, boardSchema } from '#hal/boards/schema.ts';
import { configJsonSchema, type JsonSchema, jsonSchemaOf } from '#provisioning/json_schema.ts';

/** The content of `hal/boards/dualtone.board.schema.json`. */
export function boardJsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:${BOARD_SCHEMA.replace('/', ':')}`,
    title: `Board profile of a Dualtone telephone (${BOARD_SCHEMA})`,
    ...jsonSchemaOf(boardSchema),
  };
}

if (import.meta.main) {
  const schemas = {
    'provisioning/dualtone.config.schema.json': configJsonSchema(),
    'hal/boards/dualtone.board.schema.json': boardJsonSchema(),
  };
  for (const [file, schema] of Object.entries(schemas)) {
    writeFileSync(new URL(`../${file}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
  }
}

/** YAML, in a file of its own: it is a third of the bundle, and loaded only by who has a YAML file or prints one. */
export { parseDocument, stringify } from 'yaml';

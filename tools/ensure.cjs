/**
 * Makes a bare clone ready: installs the packages once, and again when the lock file or the platform changed.
 * Runs on whatever Node the host has, so: CommonJS, no dependency, nothing newer than Node 20.
 */
'use strict';
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');

const root = path.resolve(__dirname, '..');
const stamp = path.join(root, 'node_modules', '.dualtone-installed');
const pinnedNode = path.join(root, 'node_modules', '.bin', 'node');

function wanted() {
  return createHash('sha256')
    .update(fs.readFileSync(path.join(root, 'package-lock.json')))
    .update(`${process.platform}-${process.arch}`)
    .digest('hex');
}

function installed() {
  try {
    return fs.readFileSync(stamp, 'utf8');
  } catch {
    return '';
  }
}

/** Runs the npm that called us, or the one in PATH. */
function npm(...args) {
  // Native packages must be compiled against the pinned Node's headers, whatever nodedir the user has set.
  const headers = path.join(root, 'node_modules', `node-linux-${process.arch}`);
  const env = { ...process.env, npm_config_nodedir: headers };
  delete env.NODE_ENV; // "production" would leave the build tools out
  const options = { cwd: root, stdio: ['ignore', 2, 2], env };
  const cli = process.env.npm_execpath;
  return cli && /\.c?js$/.test(cli)
    ? spawnSync(process.execPath, [cli, ...args], options)
    : spawnSync('npm', args, options);
}

function fail(text) {
  console.error(`dualtone: ${text}`);
  process.exit(1);
}

if (process.platform !== 'linux') fail(`Linux is needed to run this firmware (this is ${process.platform}).`);
if (Number(process.versions.node.split('.')[0]) < 20)
  fail(`Node 20 or newer is needed (this is ${process.version}).`);

/** What the firmware and the tools are written for, where the packages bring no Node of their own. */
const LEAST = 24;

const want = wanted();
if (installed() !== want) {
  console.error('dualtone: installing packages (once, about 20 s) …');
  const result = npm('ci', '--include=dev', '--include=optional', '--loglevel=error');
  if (result.status !== 0)
    fail('the packages could not be installed; npm said why above. Is the network up?');
  fs.writeFileSync(stamp, want);
}

if (!fs.existsSync(pinnedNode) && Number(process.versions.node.split('.')[0]) < LEAST)
  fail(
    `No Node comes with the packages for ${process.arch}: install Node ${LEAST} or newer (this is ${process.version}).`,
  );

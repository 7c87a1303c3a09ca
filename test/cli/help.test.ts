import { readFile } from 'node:fs/promises';

import { execa } from 'execa';
import { describe, expect, test } from 'vitest';

import { bashCompletion } from '../../src/cli/help/bashCompletion.ts';
import { commandTree, flattened } from '../../src/cli/help/commandTree.ts';
import { EXAMPLES } from '../../src/cli/help/examples.ts';
import { TOPICS } from '../../src/cli/help/topics.ts';
import { createProgram } from '../../src/cli/program.ts';
import { createHome, type Home } from './rbgv.ts';

const tree = commandTree(createProgram(() => undefined));
const commands = flattened(tree);

describe('help', () => {
  test('of a command leads with examples and ends with the exit status', async () => {
    const home = await createHome();
    const { stdout } = await home.rbgv(['run', '--help']);
    expect(stdout).toMatch(/^Examples:\n {2}\$ rbgv run /);
    expect(stdout).toMatch(/Exit status:[\s\S]+ 130 /);
    expect(await home.rbgv(['help', 'run'])).toMatchObject({ stdout, exitCode: 0 });
  });

  test('has a topic for each subject it names, and says so when there is none', async () => {
    const home = await createHome();
    const overview = await home.rbgv(['help']);
    for (const name of Object.keys(TOPICS)) expect(overview.stdout).toContain(`\n  ${name} `);
    expect((await home.rbgv(['help', 'formats'])).stdout).toContain('ProRes 4444');
    const missing = await home.rbgv(['help', 'credts']);
    expect(missing).toMatchObject({ exitCode: 2 });
    expect(missing.stderr).toContain('topics: credits,');
  });

  test('fits 80 columns', () => {
    const lines = Object.values(TOPICS).flatMap(({ text }) => text.split('\n'));
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  test('shows only options that exist in its examples', () => {
    const wrong = Object.entries(EXAMPLES).flatMap(([path, examples]) =>
      examples.flatMap(([line]) => {
        const words = line.replace(/^.*rbgv /, '').split(' ');
        const command =
          commands.find((info) => info.path === words.slice(0, 2).join(' ')) ??
          commands.find((info) => info.path === words[0]);
        const known = command?.options.flatMap(({ names }) => names) ?? [];
        return words
          .filter((word) => /^--?[a-z]/.test(word))
          .filter((word) => ![...known, '--profile'].includes(word))
          .map((word) => `${path}: ${word}`);
      }),
    );
    expect(wrong).toEqual([]);
  });
});

describe('the manual page', () => {
  test('has every command and option, in roff that formats without complaint', async () => {
    const home = await createHome();
    const { stdout } = await home.rbgv(['manual']);
    const plain = stdout.replaceAll('\\-', '-');
    for (const { path, usage, options } of commands) {
      if (path !== '') expect(plain).toContain(`.SS "rbgv ${usage}"`);
      for (const { flags } of options) expect(plain).toContain(`.B ${flags}`);
    }
    expect(
      stdout.split('\n').filter((line) => /^[.'](?!TH|SH|SS|TP|PP|B |nf|fi)/.test(line)),
    ).toEqual([]);
  });
});

describe('completion in bash', () => {
  test.for([
    ['r', ['report', 'resume', 'retry', 'run']],
    ['run --mod', ['--model']],
    ['run --model h', ['human']],
    ['run --model = h', ['human']],
    ['--profile s', ['sandbox', 'staging']],
    ['run --profile s', ['sandbox', 'staging']],
    ['config set-', ['set-profile', 'set-key']],
    ['help form', ['formats']],
    ['run clips/', []],
  ] as const)('of `rbgv %s`', async ([words, expected]) => {
    const home = await createHome();
    if (words.includes('profile'))
      await home.rbgv(['config', 'set-profile', 'staging', 'https://staging.example.com']);
    expect((await complete(home, words)).sort()).toEqual([...expected].sort());
  });

  test('offers runs by their ids', async () => {
    const home = await createHome();
    await home.clip('in/a.mp4');
    await home.rbgv(['run', '--yes', '--model', 'light', 'in']);
    const [id = ''] = await complete(home, 'resume ');
    expect((await home.rbgv(['status', id])).exitCode).toBe(0);
    expect(id).not.toBe('');
  });

  test('scripts for the other shells name every command', async () => {
    const home = await createHome();
    const scripts = await Promise.all(
      ['zsh', 'fish', 'bash'].map(async (shell) => (await home.rbgv(['completion', shell])).stdout),
    );
    for (const { name, path } of commands.filter((info) => info.path !== '')) {
      expect(scripts[0], path).toContain(`'${name}:`);
      expect(scripts[1], path).toContain(` -a ${name} `);
    }
    expect(scripts[2]).toBe(bashCompletion(tree).trimEnd());
  });
});

/** What bash would offer after these words, by the script itself. */
async function complete(home: Home, words: string): Promise<string[]> {
  const path = import.meta.dirname;
  const bin = `${path}/../../bin/rbgv.js`;
  const script = `rbgv() { "$NODE" "$BIN" "$@"; }
eval "$SCRIPT"
COMP_WORDS=(rbgv ${words.replace(/ $/, " ''")}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_rbgv
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await execa('bash', ['--norc', '-c', script], {
    env: {
      SCRIPT: bashCompletion(tree),
      NODE: process.execPath,
      BIN: bin,
      RBGV_STATE_DIR: home.state,
      RBGV_CONFIG_DIR: home.path('config'),
    },
  });
  return stdout.split('\n').filter((line) => line !== '');
}

test('help shows examples and the exit status of every command; the version is that of the package', async () => {
  const home = await createHome();
  const version = await home.rbgv(['--version']);
  const manifest = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  expect([version.exitCode, version.stdout]).toEqual([0, manifest.version]);
  const help = await home.rbgv(['--help']);
  expect(help.stdout).toContain('$ rbgv estimate ./clips');
  await Promise.all(
    tree.subcommands
      .filter(({ name }) => name !== 'help')
      .map(async ({ path }) => {
        const { stdout, exitCode } = await home.rbgv([path, '--help']);
        expect([path, exitCode, stdout.includes('Exit status')]).toEqual([path, 0, true]);
      }),
  );
});

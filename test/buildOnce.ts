import { execa } from 'execa';

/** Builds `dist` from the sources under test, so that no test runs an old program. */
export async function setup(): Promise<void> {
  await execa('npm', ['run', 'build', '--silent'], { cwd: new URL('..', import.meta.url) });
}

import { readEnvironment } from '../../config/environment.ts';
import { openConfigStore } from '../../config/store.ts';
import { exitCode } from '../exitCodes.ts';
import { checkLearnedModel, takeLearnedModel } from '../learnedModel.ts';
import { createTerminal } from '../terminal.ts';

const KINDS = {
  video: 'a video matting model (RobustVideoMatting interface)',
  image: 'an image matting model (picture in, opacity out)',
} as const;

/** `rbgv engine show`: what removes backgrounds in the local sandbox. */
export async function showEngine(): Promise<number> {
  const { store, terminal } = open();
  const learned = store.engine();
  if (learned === undefined) {
    terminal.out('built in: coloured screen, difference, or subject, as the clip allows');
    return exitCode('ok');
  }
  terminal.out(terminal.safe(learned.path));
  terminal.out(`sha256 ${learned.sha256}`);
  terminal.out(`onnxruntime-node in ${terminal.safe(learned.runtime)}`);
  await checkLearnedModel(learned);
  return exitCode('ok');
}

/** `rbgv engine use <file.onnx>`: every later job of the local sandbox is worked by that model. */
export async function takeEngine(
  file: string,
  options: { readonly runtime?: string },
): Promise<number> {
  const { store, terminal } = open();
  const { learned, kind } = await takeLearnedModel(file, options.runtime);
  store.setEngine(learned);
  terminal.err(`the local sandbox now works with ${terminal.safe(learned.path)}: ${KINDS[kind]}`);
  return exitCode('ok');
}

/** `rbgv engine reset`: back to the built-in engine. */
export function resetEngine(): number {
  const { store, terminal } = open();
  store.setEngine(undefined);
  terminal.err('the local sandbox works with the built-in engine');
  return exitCode('ok');
}

function open() {
  const environment = readEnvironment();
  return {
    store: openConfigStore(environment.configDir),
    terminal: createTerminal(environment),
  };
}

import { PROJECT_FILE } from '../config/projectFile.ts';
import type { ConfigStore, StoredSetting } from '../config/store.ts';
import { checkAlertUrl } from '../config/alertUrl.ts';
import { parsePercentages } from '../core/budget.ts';
import { RbgvError } from '../core/errors.ts';
import { MODELS, OUTPUT_FORMATS, type Model, type OutputFormat } from '../core/model.ts';

/** A run's settings after flag, environment, project file, stored setting and default were asked. */
export interface RunDefaults {
  readonly model: Model;
  readonly format: OutputFormat;
  readonly background: string;
  readonly outputDir: string;
  readonly concurrency: number;
  readonly maxCredits: number | undefined;
  /** Of the UTC day and month, over all runs that share the ledger. */
  readonly maxCreditsDay: number | undefined;
  readonly maxCreditsMonth: number | undefined;
  /** Percentages of a budget at which rbgv says so, 1..100. */
  readonly alertAt: readonly number[];
  readonly alertUrl: string | undefined;
}

const ALERT_AT = [50, 80, 95] as const;

/**
 * Fills in what the command line left open (the flags have asked the environment already).
 *
 * @throws RbgvError `bad_setting` for a stored value that cannot be
 */
export function readRunDefaults(
  flags: Partial<RunDefaults>,
  store: Pick<ConfigStore, 'setting'>,
): RunDefaults {
  const stored = <T>(name: StoredSetting, read: (text: string) => T | undefined): T | undefined => {
    const text = store.setting(name);
    if (text === undefined) return undefined;
    const value = read(text);
    if (value !== undefined) return value;
    throw new RbgvError('usage', 'bad_setting', `the setting \`${name}\` is \`${text}\``, {
      hint: `mend it in ${PROJECT_FILE}, or with \`rbgv config set ${name} …\` or \`rbgv config unset ${name}\``,
    });
  };
  return {
    model: flags.model ?? stored('model', (text) => MODELS.find((m) => m === text)) ?? 'original',
    format:
      flags.format ?? stored('format', (text) => OUTPUT_FORMATS.find((f) => f === text)) ?? 'webm',
    background: flags.background ?? stored('background', (text) => text) ?? 'transparent',
    outputDir: flags.outputDir ?? stored('output-dir', (text) => text) ?? 'results',
    concurrency: flags.concurrency ?? stored('concurrency', (text) => inRange(text, 1, 32)) ?? 8,
    maxCredits: flags.maxCredits ?? stored('max-credits', (text) => inRange(text, 0, 1e9)),
    maxCreditsDay:
      flags.maxCreditsDay ?? stored('max-credits-day', (text) => inRange(text, 0, 1e9)),
    maxCreditsMonth:
      flags.maxCreditsMonth ?? stored('max-credits-month', (text) => inRange(text, 0, 1e9)),
    alertAt: flags.alertAt ?? stored('alert-at', parsePercentages) ?? ALERT_AT,
    alertUrl: address(flags.alertUrl ?? stored('alert-url', (text) => text)),
  };
}

function address(url: string | undefined): string | undefined {
  return url === undefined ? undefined : checkAlertUrl(url);
}

function inRange(text: string, least: number, most: number): number | undefined {
  const value = Number(text);
  return text.trim() !== '' && value >= least && value <= most ? value : undefined;
}

import { InvalidArgumentError, Option } from 'commander';

import { parsePercentages } from '../../core/budget.ts';
import { parseByteRate } from '../../core/byteRate.ts';
import { MODELS, type Model } from '../../core/model.ts';

export function webhookUrlOption(): Option {
  return new Option(
    '--webhook-url <url>',
    'where the service can reach this run, to tell of jobs that ended',
  ).env('RBGV_WEBHOOK_URL');
}

export function webhookListenOption(): Option {
  return new Option(
    '--webhook-listen <host:port>',
    'where webhooks arrive on this machine, default 127.0.0.1:8788',
  ).env('RBGV_WEBHOOK_LISTEN');
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}

/** `3`, `3s` or `0.5s`: seconds up to a day. */
export function seconds(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text.replace(/s$/, ''));
    if (/^\d+(\.\d+)?s?$/.test(text) && value >= least && value <= 86_400) return value;
    throw new InvalidArgumentError(`Give a number of seconds from ${least} to 86400, such as 3s.`);
  };
}

/** Names of models with commas between; each counts once. */
export function models(text: string): readonly Model[] {
  const named = text.split(',').map((name) => MODELS.find((model) => model === name.trim()));
  const known = named.filter((model) => model !== undefined);
  if (known.length === named.length) return [...new Set(known)];
  throw new InvalidArgumentError(`Give some of ${MODELS.join(', ')} with commas between.`);
}

export function amount(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value <= 1e9) return value;
  throw new InvalidArgumentError('Give a number of credits, such as 120 or 7.5.');
}

/** `5%` or `5`: as a share. */
export function percentage(text: string): number {
  const value = Number(text.replace(/%$/, ''));
  if (/^\d+(\.\d+)?%?$/.test(text) && value <= 1e6) return value / 100;
  throw new InvalidArgumentError('Give a percentage, such as 5%.');
}

function percentages(text: string): readonly number[] {
  const values = parsePercentages(text);
  if (values !== undefined) return values;
  throw new InvalidArgumentError('Give whole percentages from 1 to 100, such as 50,80,95.');
}

export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

export function alertAtOption(): Option {
  return new Option('--alert-at <percentages>', 'of budget or wallet, default 50,80,95')
    .env('RBGV_ALERT_AT')
    .argParser(percentages);
}

export function alertUrlOption(): Option {
  return new Option('--alert-url <url>', 'post such alerts there').env('RBGV_ALERT_URL');
}

export function bwlimit(): Option {
  return new Option(
    '--bwlimit <rate>',
    'uploads and downloads together, such as 2.5M or 800k a second',
  )
    .env('RBGV_BWLIMIT')
    .argParser((text) => {
      const rate = parseByteRate(text);
      if (rate !== undefined) return rate;
      throw new InvalidArgumentError('Give bytes a second, such as 2.5M or 800k, from 50k on.');
    });
}

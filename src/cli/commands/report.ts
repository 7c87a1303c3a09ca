import { join, relative, resolve } from 'node:path';

import { createContext } from '../context.ts';
import { exitCode } from '../exitCodes.ts';
import { findRun } from '../findRun.ts';
import { formatCsv } from '../report/csv.ts';
import { deliveredClips, manifestJson, manifestRows } from '../report/manifestText.ts';
import { writeContactSheet } from '../writeContactSheet.ts';
import { writeReport } from '../writeReport.ts';

export interface ReportOptions {
  /** Beginning of a run's id; default: the latest. */
  readonly run?: string;
  /** Default: `report.html` in the run's results folder. */
  readonly output?: string;
  readonly contactSheet?: string;
  /** The manifest of outputs on stdout instead of the page. */
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly profile?: string | undefined;
}

/** `rbgv report`: a run as one page to open, or its outputs as a manifest; from the ledger alone. */
export async function report(options: ReportOptions): Promise<number> {
  const context = createContext(options);
  const { terminal } = context;
  const ledger = await context.ledger();
  try {
    const run = findRun(ledger, options.run);
    const clips = ledger.clips(run.id);
    if (options.contactSheet !== undefined) {
      const delivered = deliveredClips(clips).map((clip) => ({
        ...clip,
        format: clip.settings.format,
        model: clip.settings.model,
      }));
      await writeContactSheet(options.contactSheet, delivered, context);
    }
    if (options.json === true) {
      terminal.out(JSON.stringify(manifestJson(run, clips), null, 2));
    } else if (options.csv === true) {
      terminal.out(formatCsv(manifestRows(clips)));
    } else {
      const wanted = resolve(options.output ?? join(run.outputDir, 'report.html'));
      const path = await writeReport(run, wanted, ledger, context);
      terminal.out(relative('', path));
    }
    return exitCode('ok');
  } finally {
    ledger.close();
  }
}

import { toNumber } from '../../core/credits.ts';
import type { RunClip, RunSummary } from '../../ledger/runs.ts';

type Delivered = RunClip & { readonly outputPath: string };

/** The clips of a run that have an output. */
export function deliveredClips(clips: readonly RunClip[]): readonly Delivered[] {
  return clips.flatMap((clip) => {
    const { outputPath } = clip;
    return clip.status === 'done' && outputPath !== undefined ? [{ ...clip, outputPath }] : [];
  });
}

/**
 * The outputs of a run with their checksums, as they were checked and published; the shape is
 * documented in README and versioned.
 */
export function manifestJson(run: RunSummary, clips: readonly RunClip[]): unknown {
  return {
    version: 1,
    run: run.id,
    model: run.settings.model,
    format: run.settings.format,
    outputs: deliveredClips(clips).map((clip) => ({
      path: clip.outputPath,
      sha256: clip.output?.sha256 ?? null,
      size_bytes: clip.output?.sizeBytes ?? null,
      duration_seconds: clip.durationSeconds ?? null,
      source: clip.path,
      relative_path: clip.relativePath,
      job_id: clip.jobId ?? null,
      credits: toNumber(clip.credits),
    })),
  };
}

/** The same, one line an output. */
export function manifestRows(clips: readonly RunClip[]): readonly (readonly (string | number)[])[] {
  return [
    ['path', 'sha256', 'size_bytes', 'duration_seconds', 'source', 'job_id', 'credits'],
    ...deliveredClips(clips).map((clip) => [
      clip.outputPath,
      clip.output?.sha256 ?? '',
      clip.output?.sizeBytes ?? '',
      clip.durationSeconds ?? '',
      clip.path,
      clip.jobId ?? '',
      toNumber(clip.credits),
    ]),
  ];
}

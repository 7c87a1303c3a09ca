import { truncate, writeFile } from 'node:fs/promises';

import type { WorkFault } from '../faults.ts';
import type { Work, WorkOutcome, WorkRequest } from '../work.ts';
import type { FaultScript } from './faultScript.ts';

/** Lets a fault script strike at the work itself; the engine never knows. */
export function withWorkFaults(work: Work, script: FaultScript): Work {
  return (request, context) => {
    const fault = script.next('work', request.jobId);
    return fault === undefined ? work(request, context) : strike(fault, work, request, context);
  };
}

async function strike(
  fault: WorkFault,
  work: Work,
  request: WorkRequest,
  context: Parameters<Work>[1],
): Promise<WorkOutcome> {
  switch (fault.kind) {
    case 'stuck_job':
      return untilAborted(context.signal);
    case 'failed_job': {
      const { code = 'processing_failed', reason = 'scripted fault' } = fault;
      return { ok: false, code, reason };
    }
    case 'opaque_output':
      return work({ ...request, background: { type: 'color', rgb: [0, 0, 0] } }, context);
    case 'empty_output': {
      const outcome = await work(request, context);
      if (outcome.ok) await truncate(request.outputPath);
      return outcome;
    }
    case 'corrupt_output': {
      const outcome = await work(request, context);
      if (outcome.ok) await writeFile(request.outputPath, noise(4_096));
      return outcome;
    }
  }
}

/** Bytes that are the start of no known file. */
function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 167 + 13) % 256);
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = (): void => reject(signal.reason);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

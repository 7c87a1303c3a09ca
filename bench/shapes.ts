import { seededRandom } from '../src/sandbox/faults/seededRandom.ts';

/** Of the jobs of every shape. */
const MEDIAN_SECONDS = 10;
/** Of the logarithm: one job in forty takes three times as long as the median. */
const SIGMA = 0.5;

/** How long the job with this number takes, in seconds. */
export const SHAPES: Readonly<Record<string, (seed: number, job: number) => number>> = {
  equal: () => MEDIAN_SECONDS,
  lognormal(seed, job) {
    const radius = Math.sqrt(-2 * Math.log(1 - seededRandom(seed, job, 1)));
    const normal = radius * Math.cos(2 * Math.PI * seededRandom(seed, job, 2));
    return MEDIAN_SECONDS * Math.exp(SIGMA * normal);
  },
};

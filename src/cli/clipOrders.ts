import type { ClipOrder } from '../batch/plan.ts';
import type { Composition } from '../core/composition.ts';
import { ruleFor, type ClipRule } from '../core/clipRule.ts';
import { RbgvError } from '../core/errors.ts';
import type { Estimate } from '../core/estimate.ts';
import type { JobSettings, Wishes } from '../core/settings.ts';
import type { Tags } from '../core/tags.ts';
import type { LineProblem } from '../files/readTable.ts';
import { jobSettings } from './jobSettings.ts';
import { badManifest, withExtension, type ListedClip } from './manifest.ts';
import type { RunDefaults } from './runDefaults.ts';

/** For clips that no rule matches. */
const NO_RULE: ClipRule = { match: {}, use: {} };

type FullOrder = ClipOrder & Required<Pick<ClipOrder, 'settings' | 'tags'>>;

export interface Orderer {
  /** For a clip of which nothing is known. */
  readonly plain: JobSettings;
  /**
   * All that may be asked for clips yet to come, which have no row in a manifest.
   *
   * @throws RbgvError of category `usage` for what does not go together
   */
  possible(): readonly JobSettings[];
  /**
   * What is asked for each clip.
   *
   * @param estimates one for each clip, when they were looked into; else no rule is asked
   * @throws RbgvError of category `usage` for what does not go together, with lines of a manifest
   */
  clips(
    sources: readonly Pick<ListedClip, 'row'>[],
    estimates?: readonly Estimate[],
  ): readonly FullOrder[];
}

/**
 * Decides what is asked for each clip. Its row in a manifest comes first, then the command line, the
 * first rule of the project that matches it, and stored settings.
 */
export function createOrderer(input: {
  readonly flags: Wishes;
  readonly defaults: RunDefaults;
  /** Of every clip; a row's own win. */
  readonly tags: Tags;
  readonly clipRules: readonly ClipRule[];
  /** Of every clip: the canvas, and where the subject stands on it. */
  readonly composition?: Composition | undefined;
}): Orderer {
  const { flags, defaults, tags, clipRules, composition } = input;
  const asked = (wishes: readonly Wishes[]): JobSettings => ({
    ...jobSettings(wishes, defaults),
    ...(composition === undefined ? {} : { composition }),
  });
  const orderOf = ({ row }: Pick<ListedClip, 'row'>, estimate?: Estimate): FullOrder => {
    const wishes = row === undefined ? [flags] : [row.wishes, flags];
    const hasPrompt = wishes.some(({ prompt }) => prompt !== undefined);
    const ruled = estimate === undefined ? {} : ruleFor(estimate.clip, hasPrompt, clipRules);
    const settings = asked([...wishes, ruled]);
    const outputName = row?.output && withExtension(row.output, settings.format);
    return {
      settings,
      tags: { ...tags, ...row?.tags },
      ...(outputName === undefined ? {} : { outputName }),
    };
  };
  return {
    plain: asked(clipRules.length === 0 ? [flags] : [{ ...flags, prompt: undefined }]),
    possible() {
      const hasPrompt = flags.prompt !== undefined;
      const rules = clipRules.filter(({ match: { prompt = hasPrompt } }) => prompt === hasPrompt);
      const forAll = rules.findIndex(({ match: { prompt: _, ...others } }) =>
        Object.values(others).every((condition) => condition === undefined),
      );
      const reached = forAll === -1 ? [...rules, NO_RULE] : rules.slice(0, forAll + 1);
      return reached.map(({ use }) => asked([flags, use]));
    },
    clips(sources, estimates) {
      const orders: FullOrder[] = [];
      const problems: LineProblem[] = [];
      const takenBy = new Map<string, number>();
      for (const [index, source] of sources.entries()) {
        const { row } = source;
        try {
          const order = orderOf(source, estimates?.[index]);
          orders.push(order);
          if (row === undefined || order.outputName === undefined) continue;
          // Names that some file system holds to be one.
          const name = order.outputName.normalize('NFC').toLowerCase();
          const other = takenBy.get(name);
          takenBy.set(name, other ?? row.line);
          const reason = `the output \`${order.outputName}\` is that of line ${other ?? 0} too`;
          if (other !== undefined) problems.push({ line: row.line, reason });
        } catch (error) {
          if (!(error instanceof RbgvError) || row === undefined) throw error;
          problems.push({ line: row.line, reason: error.message });
        }
      }
      if (problems.length > 0) throw badManifest(problems);
      return orders;
    },
  };
}

import type { Report } from '../core/events.ts';
import { VERSION, type Context } from './context.ts';
import { alertJson } from './report/alertText.ts';

/** Posts alerts on their way to the reporter. */
export interface AlertDesk {
  readonly report: Report;
  /** Waits for what is being posted, at most some seconds; says what could not be delivered. */
  settle(): Promise<void>;
}

/** A desk without an address passes everything through. */
export function createAlertDesk(
  url: string | undefined,
  report: Report,
  { profile, terminal }: Pick<Context, 'profile' | 'terminal'>,
): AlertDesk {
  const posts: Promise<void>[] = [];
  // Such addresses often are their own password.
  if (url !== undefined) terminal.hide(url);
  return {
    report(event) {
      report(event);
      if (event.type !== 'budget_alert' || url === undefined) return;
      posts.push(post(url, alertJson(event.alert, profile.name), terminal));
    },
    async settle() {
      await Promise.all(posts);
    },
  };
}

async function post(url: string, body: unknown, terminal: Context['terminal']): Promise<void> {
  try {
    const { postAlert } = await import('../api/postAlert.ts');
    await postAlert(url, body, `rbgv/${VERSION}`);
  } catch (error) {
    const reason = terminal.safe(error instanceof Error ? error.message : String(error));
    terminal.err(`the alert could not be posted to ${new URL(url).host}: ${reason}`);
  }
}

import type { CheckResult } from './checkList.ts';

/** A smoke test's checks in JUnit's XML, which CI servers read (GitLab, Jenkins, Azure). */
export function junitXml(profile: string, checks: readonly CheckResult[]): string {
  const failures = checks.filter(({ passed }) => !passed).length;
  const seconds = (ms: number): string => (ms / 1000).toFixed(3);
  const total = checks.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const cases = checks.map(({ name, passed, detail, milliseconds }) => {
    const open = `    <testcase classname="rbgv.smoke.${escaped(profile)}" name="${escaped(name)}" time="${seconds(milliseconds)}"`;
    return passed
      ? `${open}>\n      <system-out>${escaped(detail)}</system-out>\n    </testcase>`
      : `${open}>\n      <failure message="${escaped(detail)}"/>\n    </testcase>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="rbgv smoke ${escaped(profile)}" tests="${checks.length}" failures="${failures}" time="${seconds(total)}">
${cases.join('\n')}
  </testsuite>
</testsuites>
`;
}

/** XML knows no control characters at all, not even escaped. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, '?')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** `4.0 s`, `1:02.5`, `1:04:10`: seconds for people. */
export function formatDuration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const tenths = Math.round(seconds * 10);
  const hours = Math.floor(tenths / 36_000);
  const minutes = Math.floor((tenths % 36_000) / 600);
  const rest = (tenths % 600) / 10;
  const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');
  return hours > 0
    ? `${hours}:${pad(minutes, 2)}:${pad(Math.floor(rest), 2)}`
    : `${minutes}:${rest.toFixed(1).padStart(4, '0')}`;
}

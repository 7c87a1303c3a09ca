/** An account space as part of a file name. */
export function placeName(scope: string): string {
  return scope.replace(/[^a-z0-9.-]+/gi, '_');
}

/** The name a file has beside its place until it is whole. */
export function partPath(outputPath: string): string {
  return `${outputPath}.part`;
}
